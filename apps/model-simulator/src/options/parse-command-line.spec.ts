import { parseCommandLine } from './parse-command-line.js';

const parse = (...args: string[]) => {
  const commandLine = parseCommandLine(['--model', 'm', ...args]);
  if (commandLine === 'help') throw new Error('unexpected help');
  return commandLine;
};

describe('parseCommandLine', () => {
  it('has a default for everything but the model', () => {
    expect(parse()).toMatchObject({
      drainMs: 120_000,
      parentPipe: false,
      settings: { host: '127.0.0.1', port: 0, category: 'chat', ttftMs: { min: 100, max: 300 }, bodyBytesMax: 67_108_864 },
    });
  });

  it('reads ranges, numbers, flags and repeated faults', () => {
    const { settings, parentPipe } = parse(
      '--ttft-ms',
      '5-9',
      '--tokens-per-second',
      '12.5',
      '--parent-pipe',
      '--fault',
      'crlf',
      '--fault',
      'split=3',
    );
    expect(settings).toMatchObject({
      ttftMs: { min: 5, max: 9 },
      tokensPerSecond: 12.5,
      faults: [{ kind: 'crlf' }, { kind: 'split', bytes: 3 }],
    });
    expect(parentPipe).toBe(true);
  });

  it('takes the key from the environment only where the command line has none', () => {
    expect(parseCommandLine(['--model', 'm'], 'env')).toMatchObject({ settings: { apiKey: 'env' } });
    expect(parseCommandLine(['--model', 'm', '--api-key', 'arg'], 'env')).toMatchObject({ settings: { apiKey: 'arg' } });
  });

  it.each([
    [['--port', '70000'], /port must be an integer from 0 to 65535/],
    [['--port', 'x'], /--port must be a number, not "x"/],
    [['--category', 'smell'], /--category must be one of chat, embedding, reranker, image, audio, video, custom, not "smell"/],
    [['--ttft-ms', '9-5'], /first number is not above/],
    [['--ttft-ms', 'soon'], /--ttft-ms must be a number or a range/],
    [['--tokens-per-second', '-1'], /tokens-per-second/],
    [['--fault', 'nope'], /unknown fault "nope"/],
    [['--surprise'], /surprise/],
    [['--api-key', ' '], /api-key must be a text/],
  ])('refuses %j with a message that names the option', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });

  it('needs a model', () => {
    expect(() => parseCommandLine([])).toThrow('--model NAME is required');
  });
});

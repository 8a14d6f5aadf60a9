import { parseCommandLine } from './options.js';

function options(args: string[], environment: NodeJS.ProcessEnv = {}) {
  const parsed = parseCommandLine(args, environment);
  if (parsed.kind !== 'start') throw new Error(parsed.kind === 'error' ? parsed.message : parsed.kind);
  return parsed.options;
}

describe('parseCommandLine', () => {
  it('lets the command line win over the environment, and both over the defaults', () => {
    expect(options([]).port).toBe(8080);
    expect(options([], { ECOLINK_PORT: '9000' }).port).toBe(9000);
    expect(options(['--port', '9001'], { ECOLINK_PORT: '9000' }).port).toBe(9001);
    expect(options([], { ECOLINK_GATEWAY_PORTS: '1,2' }).gatewayPorts).toEqual([1, 2]);
  });

  it("keeps the operators' listener on this machine, wherever the public one is", () => {
    expect(options(['--host', '0.0.0.0']).adminHost).toBe('127.0.0.1');
    expect(options(['--host', '0.0.0.0', '--admin-host', '10.0.0.1']).adminHost).toBe('10.0.0.1');
  });

  it('takes a data directory as relative to where the command was typed', () => {
    expect(options(['--data-dir', 'my data'], { ECOLINK_WORKING_DIRECTORY: '/tmp/x' }).dataDirectory).toBe('/tmp/x/my data');
  });

  it.each([
    ['--port', 'http'],
    ['--port', '70000'],
    ['--gateway-ports', '9101'],
    ['--gateway-ports', '1,2,3'],
    ['--prot', '1'],
  ])('names the option that is wrong: %s %s', (option, value) => {
    const parsed = parseCommandLine([option, value], {});
    expect(parsed).toMatchObject({ kind: 'error' });
    expect(parsed.kind === 'error' && parsed.message).toContain(option);
  });
});

import { type GatewayDeployment, processDriverConfig } from '@ecolink/contracts';
import { deployment } from '../../../test/support/fakes.js';
import { podCommand, signatureOf } from './pod-command.js';

const VALUES = { port: 4_711, apiKey: 'the-key', gpuIndices: [2, 3] };

function templateWith(overrides: Record<string, unknown> = {}) {
  const run = {
    command: ['serve', '{model}', '--port', '{port}', '--gpus={gpu_indices}'],
    env: { API_KEY: '{api_key}', FIXED: 'by the operator' },
    allowed_args: { '--name': '.{1,100}' },
    allowed_env: ['FIXED', 'MINE'],
    ...overrides,
  };
  const template = processDriverConfig.parse({ templates: { image: run } }).templates['image'];
  if (template === undefined) throw new Error('no template');
  return template;
}

const wanted = (overrides: Partial<GatewayDeployment> = {}) =>
  deployment({ instance_id: 5, driver: 'process', image: 'image', model: 'org/model', ...overrides });

describe('the command of a pod', () => {
  it('is the words of the template, filled in, and those of the launch, each as it is: no shell reads them', () => {
    const hostile = ['--name=$(touch /tmp/x); `id` | cat > y && {api_key} "\'*'];
    expect(podCommand(templateWith(), wanted({ args: hostile }), VALUES)).toMatchObject({
      file: 'serve',
      args: ['org/model', '--port', '4711', '--gpus=2,3', ...hostile],
    });
  });

  it("fills a value in once, so that a model's name cannot ask for the key", () => {
    expect(podCommand(templateWith(), wanted({ model: '{api_key}' }), VALUES).args[0]).toBe('{api_key}');
  });

  it("has the variables of the lists alone, and the operator's words last", () => {
    process.env['OF_THE_GATEWAY'] = 'secret';
    const { env } = podCommand(templateWith(), wanted({ env: { FIXED: 'mine', MINE: '1' }, token: 'hf_x' }), VALUES);
    expect(env).toMatchObject({ API_KEY: 'the-key', FIXED: 'by the operator', MINE: '1', HF_TOKEN: 'hf_x' });
    const always = new Set(['PATH', 'HOME', 'LANG', 'TMPDIR']);
    expect(
      Object.keys(env)
        .filter((name) => !always.has(name))
        .sort(),
    ).toEqual(['API_KEY', 'FIXED', 'HF_TOKEN', 'MINE']);
  });

  it.each([
    [{ args: ['--other=1'] }, 'args[0]'],
    [{ args: ['--name'] }, 'args[0]'],
    [{ args: ['serve2'] }, 'args[0]'],
    [{ env: { LD_PRELOAD: '/x.so' } }, 'LD_PRELOAD'],
  ])('is refused for what the lists do not hold: %j', (overrides, word) => {
    expect(() => podCommand(templateWith(), wanted(overrides), VALUES)).toThrow(word);
  });

  it('is another one by its signature when anything changes that reaches the process, and only then', () => {
    const signature = signatureOf(templateWith(), wanted());
    expect(signatureOf(templateWith({ phases: [{ phase: 'loading', pattern: 'x' }] }), wanted({ version: 9 }))).toBe(signature);
    expect(signatureOf(templateWith(), wanted({ args: ['--name=x'] }))).not.toBe(signature);
    expect(signatureOf(templateWith({ env: { API_KEY: '{api_key}' } }), wanted())).not.toBe(signature);
  });
});

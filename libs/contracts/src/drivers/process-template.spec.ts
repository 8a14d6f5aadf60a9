import { fillPlaceholders, processDriverConfig, refuseForTemplate } from './process-template.js';

const vllm = { command: ['vllm', 'serve', '{model}', '--port', '{port}', '--api-key', '{api_key}'] };

it.each([
  ['a template without {api_key}', { command: ['vllm', '--port', '{port}'] }, 'must use {api_key}'],
  ['a template without {port}', { command: ['vllm', '--key', '{api_key}'] }, 'must use {port}'],
  ['an unknown placeholder', { command: [...vllm.command, '{home}'] }, 'has no value for {home}'],
  ['a program that a launch would choose', { command: ['{model}', '{port}', '{api_key}'] }, 'without placeholders'],
  ['a variable that decides which code runs', { ...vllm, allowed_env: ['LD_PRELOAD'] }, 'may not set it'],
  ['a pattern that is none', { ...vllm, allowed_args: { '--x': '(' } }, 'regular expression'],
])('refuses %s', (_what, template, message) => {
  const parsed = processDriverConfig.safeParse({ templates: { vllm: template } });
  expect(parsed.success).toBe(false);
  expect(parsed.error?.issues.map((issue) => issue.message).join(' ')).toContain(message);
});

it('takes the key from the environment, too', () => {
  const templates = { x: { command: ['serve', '{port}'], env: { API_KEY: '{api_key}' } } };
  expect(processDriverConfig.safeParse({ templates }).success).toBe(true);
});

describe('arguments and variables of a launch', () => {
  const allowed = { allowed_args: { '--max-model-len': '[0-9]{1,6}', '--enforce-eager': null }, allowed_env: ['HF_HUB_OFFLINE'] };

  it.each([
    [['--max-model-len=4096', '--enforce-eager'], []],
    [[], ['HF_HUB_OFFLINE']],
  ])('%j %j are allowed', (args, env) => {
    expect(refuseForTemplate(allowed, args, env)).toBeUndefined();
  });

  it.each([
    [['--api-key=mine'], [], { kind: 'args', index: 0 }],
    [['--enforce-eager', '--max-model-len=4096 --x'], [], { kind: 'args', index: 1 }],
    [['--max-model-len'], [], { kind: 'args', index: 0 }],
    [['--enforce-eager=1'], [], { kind: 'args', index: 0 }],
    [['; rm -rf /'], [], { kind: 'args', index: 0 }],
    [['__proto__=1'], [], { kind: 'args', index: 0 }],
    [[], ['LD_PRELOAD'], { kind: 'env', name: 'LD_PRELOAD' }],
  ])('%j %j are refused', (args, env, refusal) => {
    expect(refuseForTemplate(allowed, args, env)).toMatchObject(refusal);
  });
});

it('fills placeholders once: a value that looks like one stays as it is', () => {
  const values = { port: '1', model: '{api_key}', served_model_name: 's', gpu_indices: '0,1', api_key: 'k' };
  expect(fillPlaceholders('{model}:{port} {gpu_indices} {x}', values)).toBe('{api_key}:1 0,1 {x}');
});

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openProduct, type OpenProduct, type ProductClient } from '@ecolink/testing';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const DOCUMENT = path.join(ROOT, 'docs', 'calling-your-endpoint.md');
/** Made once for a checkout: the package comes from PyPI. */
const PYTHON_ENVIRONMENT = path.join(ROOT, '.tools', 'python-openai', 'venv');
const SETUP_TIMEOUT_MS = 240_000;
const RUN_TIMEOUT_MS = 60_000;
const PIP_TIMEOUT_MS = 180_000;

interface Snippet {
  readonly language: string;
  readonly code: string;
}

let opened: OpenProduct;
let product: ProductClient;
let directory: string;

beforeAll(async () => {
  preparePython();
  opened = await openProduct();
  ({ product } = opened);
  // Below the checkout, so that TypeScript finds the packages as a reader's project would.
  mkdirSync(path.join(ROOT, '.tools'), { recursive: true });
  directory = await mkdtemp(path.join(ROOT, '.tools', 'snippets-'));
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  await opened?.close();
}, SETUP_TIMEOUT_MS);

const SNIPPETS: Snippet[] = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language = '', code = '']) => ({ language, code }),
);

function snippet(language: string, marker: string): string {
  const found = SNIPPETS.filter((candidate) => candidate.language === language && candidate.code.includes(marker));
  if (found.length !== 1) throw new Error(`the document holds ${found.length} ${language} snippets with ${marker}`);
  return forThisProduct(found[0]?.code ?? '');
}

/** As a reader does it: another base URL, a real key, and nothing else. */
function forThisProduct(code: string): string {
  const replaced = code.replaceAll('http://localhost:8080', product.root).replaceAll('eco_YOUR_KEY', product.credentials.api_key);
  if (replaced === code) throw new Error('a snippet without the base URL and the key');
  return replaced;
}

async function runFile(name: string, code: string, command: string, args: string[] = []): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, code);
  const { stdout } = await run(command, [...args, file], {
    cwd: directory,
    timeout: RUN_TIMEOUT_MS,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return stdout;
}

function preparePython(): void {
  const python = path.join(PYTHON_ENVIRONMENT, 'bin', 'python');
  if (existsSync(python) && spawnSync(python, ['-c', 'import openai']).status === 0) return;
  if (spawnSync('python3', ['--version']).status !== 0)
    throw new Error('the documented Python snippets need python3, which is not installed on this machine');
  mkdirSync(path.dirname(PYTHON_ENVIRONMENT), { recursive: true });
  step('python3', ['-m', 'venv', '--clear', PYTHON_ENVIRONMENT]);
  step(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'openai']);
}

function step(command: string, args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { timeout: PIP_TIMEOUT_MS, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
}

describe('docs/calling-your-endpoint.md', () => {
  it('has no snippet that is not run here', () => {
    expect(SNIPPETS.map(({ language }) => language).sort()).toEqual(['bash', 'bash', 'python', 'python', 'typescript']);
  });

  it(
    'shows a curl of an OpenAI-compatible instance that works',
    async () => {
      const output = JSON.parse(await runFile('chat.sh', snippet('bash', '/v1/chat/completions'), 'bash', ['-e']));
      expect(output).toMatchObject({
        object: 'chat.completion',
        model: 'my-llama',
        choices: [{ message: { role: 'assistant' } }],
      });
      expect(output.choices[0].message.content).toContain('Hello from my own model');
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'shows a curl of a custom instance that works, once the reader has put in the id of his own',
    async () => {
      const written = snippet('bash', '/inference-instances/');
      // The demo's instance 142 has the same custom path, so the snippet works as it is written, too.
      const customId = String(product.credentials.custom_instance_id);
      for (const code of [written, written.replace('/142/', `/${customId}/`)]) {
        const output = JSON.parse(await runFile('custom.sh', code, 'bash', ['-e']));
        expect(output).toMatchObject({ text: expect.stringContaining('Hello'), tokens: expect.any(Number) });
        expect(output.tokens).toBeLessThanOrEqual(100);
      }
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'shows Python that works with the unchanged OpenAI SDK',
    async () => {
      const output = await runFile(
        'chat.py',
        snippet('python', 'resp.choices[0]'),
        path.join(PYTHON_ENVIRONMENT, 'bin', 'python'),
      );
      expect(output).toContain('You said: "Hello"');
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'shows TypeScript that works with the unchanged OpenAI SDK',
    async () => {
      const output = await runFile('chat.mts', snippet('typescript', 'resp.choices[0]'), process.execPath);
      expect(output).toContain('You said: "Hello"');
    },
    RUN_TIMEOUT_MS,
  );

  it(
    "shows Python that streams, and reads every chunk's first choice",
    async () => {
      const output = await runFile('stream.py', snippet('python', 'stream=True'), path.join(PYTHON_ENVIRONMENT, 'bin', 'python'));
      expect(output).toContain('1, 2, 3, 4, 5, 6, 7, 8, 9, 10');
    },
    RUN_TIMEOUT_MS,
  );
});

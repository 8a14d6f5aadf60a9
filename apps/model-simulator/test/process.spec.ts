import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chat, post } from './simulator.js';

const app = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'model-simulator-'));
const children: ChildProcess[] = [];

beforeAll(() => {
  const swc = join(dirname(createRequire(import.meta.url).resolve('@swc/cli/package.json')), 'bin', 'swc.js');
  const args = [swc, 'src', '-d', folder, '--config-file', '../../.swcrc', '--strip-leading-paths', '--quiet'];
  execFileSync(process.execPath, args, { cwd: app, env: { ...process.env, NODE_OPTIONS: '' } });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
}, 180_000);

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): { child: ChildProcess; output: () => string; exited: Promise<number | null> } {
  const child = spawn(process.execPath, [join(folder, 'main.js'), ...args], { env: { ...process.env, NODE_OPTIONS: '' } });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: () => text, exited: once(child, 'close').then(([code]) => code as number | null) };
}

async function listening({ child }: { child: ChildProcess }): Promise<string> {
  if (child.stdout === null) throw new Error('no stdout');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const event = JSON.parse(line.toString()) as { event: string; port: number; pid: number };
  expect(event).toEqual({ event: 'listening', port: expect.any(Number) as number, pid: child.pid });
  return `http://127.0.0.1:${event.port}`;
}

describe('the process', () => {
  it('prints one line with its port, finishes the request in flight after SIGTERM, and exits 0', async () => {
    const process = run('--model', 'my-llama', '--ttft-ms', '1', '--tokens-per-second', '100');
    const url = await listening(process);
    const response = await post(`${url}/v1/chat/completions`, chat('Count to 5', { stream: true }));
    process.child.kill('SIGTERM');
    expect(await response.text()).toContain('[DONE]');
    expect(await process.exited).toBe(0);
  });

  it('is bounded by --drain-ms when a request never ends', async () => {
    const process = run('--model', 'my-llama', '--drain-ms', '50', '--fault', 'hang-after-tokens=0');
    const url = await listening(process);
    await post(`${url}/v1/chat/completions`, chat('a', { stream: true }));
    process.child.kill('SIGTERM');
    expect(await process.exited).toBe(0);
    expect(process.output()).toContain('"requests_cut":1');
  });

  it('ends when the pipe from its parent closes', async () => {
    const process = run('--model', 'my-llama', '--parent-pipe');
    await listening(process);
    process.child.stdin?.destroy();
    expect(await process.exited).toBe(0);
  });

  it('stays alive while it refuses connections', async () => {
    const process = run('--model', 'my-llama', '--fault', 'refuse');
    const url = await listening(process);
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    process.child.kill('SIGTERM');
    expect(await process.exited).toBe(0);
  });

  it('exits 2 with the reason for an option it cannot use, and 1 for a port it cannot have', async () => {
    const bad = run('--model', 'my-llama', '--port', 'many');
    expect(await bad.exited).toBe(2);
    expect(bad.output()).toBe('model-simulator: --port must be a number, not "many"\n');
    const first = run('--model', 'my-llama');
    const { port } = new URL(await listening(first));
    const second = run('--model', 'my-llama', '--port', port);
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain('EADDRINUSE');
  });
});

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { runStep } from './run-step.mjs';

const run = (code: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  runStep({
    command: process.execPath,
    args: ['-e', code],
    cwd: process.cwd(),
    env: process.env,
    timeoutMs: options.timeoutMs ?? 20_000,
    signal: options.signal ?? new AbortController().signal,
  });

describe('a step of a test run', () => {
  it('has no problem when it exits with 0', async () => {
    expect((await run('')).problem).toBeUndefined();
  });

  it('names the exit code of a failure', async () => {
    expect((await run('process.exit(3)')).problem).toBe('exit code 3');
  });

  it('names the signal that killed it', async () => {
    expect((await run(`process.kill(process.pid, 'SIGKILL')`)).problem).toBe('killed by SIGKILL');
  });

  it('is stopped at its deadline', async () => {
    expect((await run('setInterval(() => {}, 1000)', { timeoutMs: 300 })).problem).toBe('still running after 0.3 s');
  });

  it('fails, and does not throw, when the command is missing', async () => {
    const outcome = await runStep({
      command: '/nowhere/node',
      args: [],
      cwd: '/',
      env: {},
      timeoutMs: 1000,
      signal: new AbortController().signal,
    });
    expect(outcome.problem).toMatch(/could not be started/);
  });

  it('leaves no process behind', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const grandchild = `const s = require('net').connect(${port}, '127.0.0.1'); s.on('error', () => {}); setInterval(() => {}, 1000)`;
    const child = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'ignore' }).unref(); setInterval(() => {}, 1000)`;
    const cancelled = new AbortController();
    const step = run(child, { signal: cancelled.signal });
    const [socket] = await connected;
    const closed = once(socket.on('error', () => undefined).resume(), 'close');
    cancelled.abort('SIGINT');
    expect((await step).problem).toBe('cancelled by SIGINT');
    await closed;
    server.close();
  });
});

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { runStep } from './run-step.mjs';

const run = (code: string, options: { timeoutMs?: number; signal?: AbortSignal; outputFile?: string } = {}) =>
  runStep({
    command: process.execPath,
    args: ['-e', code],
    cwd: process.cwd(),
    env: process.env,
    timeoutMs: options.timeoutMs ?? 20_000,
    signal: options.signal ?? new AbortController().signal,
    ...(options.outputFile === undefined ? {} : { outputFile: options.outputFile }),
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

  it('writes all it says into a file where it is told to, and then gives way to others', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ecolink-step-'));
    const outputFile = path.join(folder, 'output.txt');
    // The priority is set as soon as the process is there, which may be a moment after it has begun.
    const code = `
      const { getPriority } = require('node:os');
      const until = Date.now() + 10_000;
      const timer = setInterval(() => {
        if (getPriority() < 10 && Date.now() < until) return;
        clearInterval(timer);
        console.log('out');
        console.error('err ' + getPriority());
        process.exitCode = 2;
      }, 10);`;
    expect((await run(code, { outputFile })).problem).toBe('exit code 2');
    expect(readFileSync(outputFile, 'utf8')).toBe(`out\nerr ${Math.max(10, getPriority())}\n`);
    rmSync(folder, { recursive: true });
  });

  it('says so when its output has no place', async () => {
    expect((await run('', { outputFile: '/nowhere/output.txt' })).problem).toMatch(/could not be started/);
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

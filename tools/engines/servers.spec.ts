import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isPortFree, freePorts, runningPid, stopServer, waitUntilReady } from './servers.mjs';

let directory: string;
let stranger: ChildProcess;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-engines-'));
  stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
});
afterAll(async () => {
  stranger.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

const pidFile = () => path.join(directory, 'pid');
const mark = () => path.join(directory, 'server.properties');

describe('a pid file', () => {
  it.each(['', 'rubbish', '0', '1', '-1', '999999999'])('that says %j names no server', async (text) => {
    await writeFile(pidFile(), text);
    expect(await runningPid(pidFile(), mark())).toBeUndefined();
  });

  it('whose number belongs to somebody else by now names no server, and stopping leaves that process alone', async () => {
    await writeFile(pidFile(), String(stranger.pid));
    expect(await runningPid(pidFile(), mark())).toBeUndefined();
    await stopServer({ pidFile: pidFile(), mark: mark(), timeoutMs: 1_000 });
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
  });

  it('of a running server of ours names it, and stopping ends it even when it ignores the request', async () => {
    const script = 'process.on("SIGTERM", () => undefined); console.log("up"); setInterval(() => undefined, 1000)';
    const child = spawn(process.execPath, ['-e', script, mark()], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await writeFile(pidFile(), String(child.pid));
    expect(await runningPid(pidFile(), mark())).toBe(child.pid);
    await stopServer({ pidFile: pidFile(), mark: mark(), timeoutMs: 300 });
    expect(await ended).toBe('SIGKILL');
  });
});

describe('waiting for a server', () => {
  it('ends at once, with the end of its log, when the server has died', async () => {
    const logFile = path.join(directory, 'log');
    await writeFile(logFile, 'cannot bind');
    const waiting = waitUntilReady({
      name: 'Redis',
      pid: 999_999_999,
      mark: mark(),
      isReady: () => Promise.resolve(false),
      logFile,
      timeoutMs: 60_000,
    });
    await expect(waiting).rejects.toThrow(/Redis ended while it started[^]*cannot bind/);
  });
});

describe('freePorts', () => {
  it('gives different ports that nobody uses', async () => {
    const ports = await freePorts(6);
    expect(new Set(ports).size).toBe(6);
    for (const port of ports) expect(await isPortFree(port)).toBe(true);
  });
});

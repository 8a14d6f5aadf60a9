import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServiceCommand {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const POLL_MS = 50;

/** Processes of a cluster outlive the command that starts them; a pid file each says which they are. */
export class ClusterProcesses {
  constructor(private readonly dataDirectory: string) {}

  logFile(name: string): string {
    return path.join(this.dataDirectory, 'logs', `${name}.log`);
  }

  /** The pid while the process lives and is the one that was started under this name. */
  async pidOf(name: string): Promise<number | undefined> {
    const text = await readFile(this.pidFile(name), 'utf8').catch(() => '');
    const [pidText, startTime] = text.trim().split(' ');
    const pid = Number(pidText);
    return pid > 0 && startTime !== undefined && startTimeOf(pid) === startTime ? pid : undefined;
  }

  /** Starts it unless it runs already. */
  async start(command: ServiceCommand): Promise<number> {
    const running = await this.pidOf(command.name);
    if (running !== undefined) return running;
    await mkdir(path.join(this.dataDirectory, 'logs'), { recursive: true, mode: 0o700 });
    await mkdir(path.join(this.dataDirectory, 'pids'), { recursive: true, mode: 0o700 });
    const log = openSync(this.logFile(command.name), 'a', 0o600);
    const child = spawn(command.file, command.args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...command.environment },
    });
    closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const { pid } = child;
    if (pid === undefined) throw new Error(`${command.name} could not be started`);
    await writeFile(this.pidFile(command.name), `${pid} ${startTimeOf(pid) ?? ''}\n`, { mode: 0o600 });
    return pid;
  }

  /** Sends the signal and waits for the end; kills when it takes longer than `timeoutMs`. */
  async stop(name: string, signal: 'SIGTERM' | 'SIGQUIT' | 'SIGKILL', timeoutMs: number): Promise<void> {
    const pid = await this.pidOf(name);
    if (pid === undefined) return;
    process.kill(pid, signal);
    // A paused process would take no signal but SIGKILL.
    process.kill(pid, 'SIGCONT');
    const deadline = Date.now() + timeoutMs;
    while ((await this.pidOf(name)) !== undefined) {
      if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
      await delay(POLL_MS);
    }
    await rm(this.pidFile(name), { force: true });
  }

  private pidFile(name: string): string {
    return path.join(this.dataDirectory, 'pids', name);
  }
}

/** When a process started, as the kernel counts: tells it from another that got its number. A zombie has ended. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@ecolink/testing';

const START_TIMEOUT_MS = 60_000;

export interface MemberOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly group: string;
  readonly topic: string;
  readonly source: string;
}

export interface SpawnedMember {
  /** Resolves when its handler has had that many events of the source, none of them committed. */
  hasHandled(count: number): Promise<void>;
  kill(): void;
}

/** A member of a group in a process of its own, whose handler takes events and never ends: made to be killed. */
export function spawnMember(options: MemberOptions): SpawnedMember {
  const register = new URL('./register-typescript.mjs', import.meta.url);
  const script = fileURLToPath(new URL('./hanging-member.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@ecolink/source', '--import', register.href, script], {
    env: {
      ...process.env,
      ...options.environment,
      NODE_OPTIONS: '',
      GROUP: options.group,
      EVENT_TOPIC: options.topic,
      SOURCE: options.source,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const handled: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => handled.push(line));
  return {
    hasHandled: async (count) => {
      const what = `${count} events in the other process`;
      await waitFor(() => handled.length >= count || child.exitCode !== null, { timeoutMs: START_TIMEOUT_MS, what });
      if (handled.length < count) throw new Error(`the member ended with ${child.exitCode} after ${handled.length} events`);
    },
    kill: () => child.kill('SIGKILL'),
  };
}

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { SimulatorHost } from './simulator-host.js';

const LINE_CHARACTERS_MAX = 65_536;
const DRAIN_MS_MAX = 3_600_000;

type Command =
  | { readonly op: 'start'; readonly id: string; readonly args: readonly string[]; readonly apiKey?: string }
  | { readonly op: 'stop' | 'kill'; readonly id: string; readonly drainMs: number };

/**
 * Obeys commands, one JSON object a line: `{"op":"start","id","args":[…],"api_key"}`, `{"op":"stop","id","drain_ms"}`,
 * `{"op":"kill","id"}`. What is none is passed to `onProblem`. Resolves when the input ends.
 */
export async function readCommands(input: Readable, host: SimulatorHost, onProblem: (problem: string) => void): Promise<void> {
  for await (const line of createInterface({ input })) {
    if (line.trim() === '') continue;
    const command = line.length > LINE_CHARACTERS_MAX ? undefined : parseCommand(line);
    if (command === undefined) onProblem(`not a command: ${line.slice(0, 200)}`);
    // Commands do not wait for each other: one simulator may drain for minutes.
    else if (command.op === 'start') void host.start(command.id, command.args, command.apiKey);
    else void host.stop(command.id, command.drainMs);
  }
}

function parseCommand(line: string): Command | undefined {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null) return undefined;
  const { op, id, args = [], api_key: apiKey, drain_ms: drainMs = 0 } = value as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string') return undefined;
  if (op === 'start' && Array.isArray(args) && args.every((one) => typeof one === 'string')) {
    if (apiKey === undefined) return { op, id, args };
    return typeof apiKey === 'string' ? { op, id, args, apiKey } : undefined;
  }
  if (op === 'kill') return { op, id, drainMs: 0 };
  if (op !== 'stop' || typeof drainMs !== 'number' || !(drainMs >= 0 && drainMs <= DRAIN_MS_MAX)) return undefined;
  return { op, id, drainMs };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import { parseArgs } from 'node:util';
import { parseFaults } from '../faults/parse-fault.js';
import { OptionError } from './option-error.js';
import type { Category, MsRange, Settings, SimulatorOptions } from './settings.js';
import { CATEGORIES, checkInteger, completeSettings } from './settings.js';

export interface CommandLine {
  readonly settings: Settings;
  readonly drainMs: number;
  readonly parentPipe: boolean;
}

export const USAGE = `usage: model-simulator --model NAME [options]
       model-simulator host [--control-port N]   many in one process; host --help says how
  --host HOST                 address to listen on (127.0.0.1)
  --port N                    0 = any free port (0)
  --category NAME             ${CATEGORIES.join(' | ')} (chat)
  --api-key KEY               bearer key to ask for; also MODEL_SIMULATOR_API_KEY, which other processes cannot list
  --ttft-ms A-B | A           time to the first token, uniform in the range (100-300)
  --tokens-per-second N       0 = as fast as possible (60)
  --prompt-tokens-per-second N  process prompts one after the other at this pace; 0 = at once (0)
  --cache-tokens-max N        keep so many tokens of prompts and spare them in later ones; 0 = no cache (0)
  --startup-ms N              answer 503 for so long after start (0)
  --seed N                    repeat the same sequence of TTFTs
  --dimensions N              length of an embedding (384)
  --body-bytes-max N          larger request bodies get 413 (67108864)
  --fault FAULT               as in status=503, cut-after-tokens=5;times=2; repeatable (see README.md)
  --allow-request-faults      obey x-simulator-fault and PUT /_simulator/faults
  --drain-ms N                how long SIGTERM lets requests finish (120000)
  --parent-pipe               exit when stdin closes
  --help`;

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean', default: false } as const;
const OPTIONS = {
  host: TEXT,
  port: TEXT,
  model: TEXT,
  category: TEXT,
  'api-key': TEXT,
  'ttft-ms': TEXT,
  'tokens-per-second': TEXT,
  'prompt-tokens-per-second': TEXT,
  'cache-tokens-max': TEXT,
  'startup-ms': TEXT,
  seed: TEXT,
  dimensions: TEXT,
  'body-bytes-max': TEXT,
  'drain-ms': TEXT,
  fault: { type: 'string', multiple: true },
  'allow-request-faults': FLAG,
  'parent-pipe': FLAG,
  help: FLAG,
} as const;

const DRAIN_MS_DEFAULT = 120_000;

/** Parses the process's arguments (without node and script). Returns `help` when asked for; throws `OptionError`. */
export function parseCommandLine(args: readonly string[], environmentApiKey?: string): CommandLine | 'help' {
  const values = readArguments(args);
  if (values.help) return 'help';
  if (values.model === undefined) throw new OptionError('--model NAME is required');
  const optional: Record<string, unknown> = {
    host: values.host,
    port: numberOf('port', values.port),
    category: values.category === undefined ? undefined : categoryOf(values.category),
    apiKey: values['api-key'] ?? environmentApiKey,
    ttftMs: values['ttft-ms'] === undefined ? undefined : rangeOf(values['ttft-ms']),
    tokensPerSecond: numberOf('tokens-per-second', values['tokens-per-second']),
    promptTokensPerSecond: numberOf('prompt-tokens-per-second', values['prompt-tokens-per-second']),
    cacheTokensMax: numberOf('cache-tokens-max', values['cache-tokens-max']),
    startupMs: numberOf('startup-ms', values['startup-ms']),
    seed: numberOf('seed', values.seed),
    dimensions: numberOf('dimensions', values.dimensions),
    bodyBytesMax: numberOf('body-bytes-max', values['body-bytes-max']),
  };
  const given = Object.fromEntries(
    Object.entries(optional).filter(([, value]) => value !== undefined),
  ) as Partial<SimulatorOptions>;
  const drainMs = numberOf('drain-ms', values['drain-ms']) ?? DRAIN_MS_DEFAULT;
  checkInteger('--drain-ms', drainMs, 0, 3_600_000);
  return {
    // Nobody can read a separate process's request log, so it keeps none.
    settings: completeSettings({
      ...given,
      model: values.model,
      faults: (values.fault ?? []).flatMap((text) => parseFaults(text)),
      allowRequestFaults: values['allow-request-faults'],
      recordedRequestsMax: 0,
    }),
    drainMs,
    parentPipe: values['parent-pipe'],
  };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new OptionError(`--${name} must be a number, not "${text}"`);
  return Number(text);
}

function categoryOf(text: string): Category {
  const category = CATEGORIES.find((known) => known === text);
  if (category === undefined) throw new OptionError(`--category must be one of ${CATEGORIES.join(', ')}, not "${text}"`);
  return category;
}

function rangeOf(text: string): MsRange {
  const [, first, second] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined) throw new OptionError(`--ttft-ms must be a number or a range as in 100-300, not "${text}"`);
  return { min: Number(first), max: Number(second ?? first) };
}

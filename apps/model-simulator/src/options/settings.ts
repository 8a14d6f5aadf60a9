import type { Fault } from '../faults/fault.js';
import { OptionError } from './option-error.js';

export const CATEGORIES = ['chat', 'embedding', 'reranker', 'image', 'audio', 'video', 'custom'] as const;
export type Category = (typeof CATEGORIES)[number];

export interface MsRange {
  readonly min: number;
  readonly max: number;
}

/** Everything a simulator process or a test can choose. Times in milliseconds, sizes in bytes. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly model: string;
  readonly category: Category;
  readonly apiKey: string | undefined;
  readonly ttftMs: MsRange;
  /** 0 = as fast as possible. */
  readonly tokensPerSecond: number;
  /** Prompt tokens processed in a second, one prompt after the other; 0 = at once. */
  readonly promptTokensPerSecond: number;
  /** Tokens of prompts that are kept and spared in later ones; 0 = no cache. */
  readonly cacheTokensMax: number;
  /** How long after start the pod is still loading: health and inference answer 503. */
  readonly startupMs: number;
  /** Makes the sequence of TTFTs repeatable. */
  readonly seed: number;
  /** Length of an embedding when the request does not say. */
  readonly dimensions: number;
  readonly bodyBytesMax: number;
  readonly faults: readonly Fault[];
  readonly allowRequestFaults: boolean;
  /** How many requests the log keeps, and how much of each body. */
  readonly recordedRequestsMax: number;
  readonly recordedBodyBytesMax: number;
}

export type SimulatorOptions = Partial<Omit<Settings, 'ttftMs'>> & { readonly model: string; readonly ttftMs?: number | MsRange };

const HOUR_MS = 3_600_000;
const BODY_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
export const DIMENSIONS_MAX = 4096;

/** Fills in defaults and checks every value; throws `OptionError`. */
export function completeSettings(options: SimulatorOptions): Settings {
  const settings: Settings = {
    host: '127.0.0.1',
    port: 0,
    category: 'chat',
    apiKey: undefined,
    tokensPerSecond: 60,
    promptTokensPerSecond: 0,
    cacheTokensMax: 0,
    startupMs: 0,
    seed: Math.floor(Math.random() * 0x1_0000_0000),
    dimensions: 384,
    bodyBytesMax: BODY_BYTES_MAX_DEFAULT,
    faults: [],
    allowRequestFaults: false,
    recordedRequestsMax: 1000,
    recordedBodyBytesMax: 16 * 1024,
    ...options,
    ttftMs: rangeOf(options.ttftMs ?? { min: 100, max: 300 }),
  };
  checkText('host', settings.host);
  checkText('model', settings.model);
  if (!CATEGORIES.includes(settings.category)) throw new OptionError(`category must be one of ${CATEGORIES.join(', ')}`);
  if (settings.apiKey !== undefined) checkText('api-key', settings.apiKey);
  checkInteger('port', settings.port, 0, 65_535);
  checkRange(settings.ttftMs);
  checkNumber('tokens-per-second', settings.tokensPerSecond, 0, 1_000_000);
  checkNumber('prompt-tokens-per-second', settings.promptTokensPerSecond, 0, 10_000_000);
  checkInteger('cache-tokens-max', settings.cacheTokensMax, 0, 100_000_000);
  checkInteger('startup-ms', settings.startupMs, 0, HOUR_MS);
  checkInteger('seed', settings.seed, 0, 0xffff_ffff);
  checkInteger('dimensions', settings.dimensions, 1, DIMENSIONS_MAX);
  checkInteger('body-bytes-max', settings.bodyBytesMax, 1, 1024 * 1024 * 1024);
  checkInteger('recordedRequestsMax', settings.recordedRequestsMax, 0, 100_000);
  checkInteger('recordedBodyBytesMax', settings.recordedBodyBytesMax, 0, BODY_BYTES_MAX_DEFAULT);
  return settings;
}

export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new OptionError(`${name} must be an integer from ${min} to ${max}`);
}

function rangeOf(value: number | MsRange): MsRange {
  return typeof value === 'number' ? { min: value, max: value } : value;
}

function checkNumber(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw new OptionError(`${name} must be a number from ${min} to ${max}`);
}

function checkText(name: string, value: string): void {
  if (value.trim() === '' || value.length > 512) throw new OptionError(`${name} must be a text of 1 to 512 characters`);
}

function checkRange(range: MsRange): void {
  checkNumber('ttft-ms', range.min, 0, HOUR_MS);
  checkNumber('ttft-ms', range.max, 0, HOUR_MS);
  if (range.min > range.max)
    throw new OptionError('ttft-ms must be a range whose first number is not above its second, as in 100-300');
}

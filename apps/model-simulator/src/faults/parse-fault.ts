import { OptionError } from '../options/option-error.js';
import type { Fault } from './fault.js';
import { FaultParameters } from './fault-parameters.js';

/** What `kind=value` sets; every other parameter is named. */
const MAIN_PARAMETER: Record<Fault['kind'], string | undefined> = {
  refuse: undefined,
  'close-before-headers': undefined,
  'reset-mid-headers': undefined,
  'hang-before-headers': undefined,
  status: 'status',
  'hang-after-tokens': 'tokens',
  'cut-after-tokens': 'tokens',
  'error-after-frames': 'frames',
  'omit-usage': undefined,
  'zero-usage': undefined,
  'reject-stream-options': undefined,
  'slow-body': 'bytes',
  crlf: undefined,
  comments: 'every',
  split: 'bytes',
  'split-utf8': undefined,
  'oversize-frame': 'bytes',
  'empty-choices': 'every',
  headers: undefined,
  'health-red': undefined,
  'health-hang': undefined,
  'health-missing': undefined,
};

export const FAULT_KINDS = Object.keys(MAIN_PARAMETER) as readonly Fault['kind'][];
const FAULTS_MAX = 32;
const TOKENS_MAX = 1_000_000;
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Parses a list of faults; throws `OptionError`.
 *
 *   faults = fault *("," fault)  /  a JSON object or array of Fault
 *   fault  = kind ["=" main value] *(";" name "=" value)      e.g. status=503;retryAfterSeconds=1;times=2
 */
export function parseFaults(text: string): Fault[] {
  const trimmed = text.trim();
  const faults = /^[[{]/.test(trimmed) ? faultsFromJson(parseJson(trimmed)) : trimmed.split(',').map(faultFromText);
  if (faults.length > FAULTS_MAX) throw new OptionError(`at most ${FAULTS_MAX} faults`);
  return faults;
}

/** Checks faults that were parsed as JSON, one or a list. */
function faultsFromJson(value: unknown): Fault[] {
  return (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    if (typeof item !== 'object' || item === null) throw new OptionError('a fault in JSON must be an object with a "kind"');
    const { kind, ...parameters } = item as Record<string, unknown>;
    return buildFault(kindOf(String(kind)), Object.entries(parameters));
  });
}

function faultFromText(text: string): Fault {
  const [head = '', ...rest] = text.trim().split(';');
  const [name, value] = splitOnce(head);
  const kind = kindOf(name);
  const main = MAIN_PARAMETER[kind];
  if (value !== undefined && main === undefined) throw new OptionError(`fault ${kind} takes no value`);
  const parameters = rest.map(splitOnce);
  return buildFault(kind, main === undefined || value === undefined ? parameters : [[main, value], ...parameters]);
}

function buildFault(kind: Fault['kind'], values: Iterable<readonly [string, unknown]>): Fault {
  const read = new FaultParameters(kind, values);
  const times = read.optionalInteger('times', 1, TOKENS_MAX);
  const fault = faultOf(kind, read);
  read.finish();
  if (times !== undefined && (kind === 'refuse' || kind.startsWith('health-')))
    throw new OptionError(`fault ${kind} cannot be counted in requests`);
  return times === undefined ? fault : { ...fault, times };
}

function faultOf(kind: Fault['kind'], read: FaultParameters): Fault {
  switch (kind) {
    case 'status': {
      const body = read.optionalText('body');
      const retryAfterSeconds = read.optionalInteger('retryAfterSeconds', 0, 86_400);
      return {
        kind,
        status: read.integer('status', 200, 599),
        ...(body === undefined ? {} : { body }),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      };
    }
    case 'close-before-headers':
      return { kind, reset: read.flag('reset', false) };
    case 'hang-after-tokens':
      return { kind, tokens: read.integer('tokens', 0, TOKENS_MAX) };
    case 'cut-after-tokens':
      return { kind, tokens: read.integer('tokens', 0, TOKENS_MAX), reset: read.flag('reset', false) };
    case 'error-after-frames':
      return { kind, frames: read.integer('frames', 0, TOKENS_MAX, 0), done: read.flag('done', true) };
    case 'slow-body':
      return { kind, bytes: read.integer('bytes', 1, 1_048_576, 16), everyMs: read.integer('everyMs', 1, 60_000, 20) };
    case 'comments':
    case 'empty-choices':
      return { kind, every: read.integer('every', 1, TOKENS_MAX, 1) };
    case 'split':
      return { kind, bytes: read.integer('bytes', 1, 1_048_576, 1) };
    case 'oversize-frame':
      return { kind, bytes: read.integer('bytes', 1, FRAME_BYTES_MAX, 1_048_576) };
    default:
      return { kind };
  }
}

function kindOf(text: string): Fault['kind'] {
  const kind = FAULT_KINDS.find((known) => known === text);
  if (kind === undefined) throw new OptionError(`unknown fault "${text}"; known: ${FAULT_KINDS.join(', ')}`);
  return kind;
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OptionError('faults that start with { or [ must be JSON');
  }
}

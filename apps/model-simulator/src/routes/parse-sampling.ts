import type { Fault } from '../faults/fault.js';
import { findFault } from '../faults/fault.js';
import type { Sampling } from '../text/plan-generation.js';
import { RequestRefused } from '../wire/request-refused.js';
import { flag, invalidField, optionalInteger, optionalObject } from './parse-fields.js';
import type { JsonObject } from './parse-json-object.js';

export interface StreamChoice {
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

const CHOICES_MAX = 16;
const STOPS_MAX = 16;

export function parseSampling(body: JsonObject): Sampling {
  const legacy = optionalInteger(body, 'max_tokens', 1, Number.MAX_SAFE_INTEGER);
  return {
    tokensMax: optionalInteger(body, 'max_completion_tokens', 1, Number.MAX_SAFE_INTEGER) ?? legacy,
    stop: parseStop(body['stop'] ?? []),
    choices: optionalInteger(body, 'n', 1, CHOICES_MAX) ?? 1,
    ignoreEnd: flag(body, 'ignore_eos'),
  };
}

/** `stream` and `stream_options`, which OpenAI allows only for streams. */
export function parseStream(body: JsonObject, faults: readonly Fault[]): StreamChoice {
  const stream = flag(body, 'stream');
  const options = optionalObject(body, 'stream_options');
  if (options === undefined) return { stream, includeUsage: false };
  if (findFault(faults, 'reject-stream-options')) {
    const detail = "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]";
    throw new RequestRefused(400, 'invalid_request', detail, 'stream_options');
  }
  if (!stream) throw invalidField('stream_options', "is only allowed when 'stream' is true");
  return { stream, includeUsage: flag(options, 'include_usage') };
}

function parseStop(value: unknown): readonly string[] {
  const stops: unknown[] = Array.isArray(value) ? value : [value];
  const isText = (stop: unknown): stop is string => typeof stop === 'string' && stop !== '';
  if (stops.length <= STOPS_MAX && stops.every(isText)) return stops;
  throw invalidField('stop', `must be a text or at most ${STOPS_MAX} texts, none of them empty`);
}

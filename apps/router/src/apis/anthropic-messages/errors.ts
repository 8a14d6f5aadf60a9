import { type Refusal, statusOf } from '@ecolink/contracts';
import { isObject } from '../../relay/metering/usage-reading.js';
import type { ErrorShape } from '../api.js';

/** Anthropic's names of errors, by status; its clients go by the status, people by the name. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [408, 'invalid_request_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);
const STATUSES: ReadonlyMap<unknown, number> = new Map([...TYPES].map(([status, type]) => [type, status]));

const OVERLOADED_STATUS = 503;

/** `{"type":"error","error":{"type","message"}}`; our own code and the parameter at fault stand in it, too. */
export const MESSAGES_ERRORS: ErrorShape = {
  body: (refusal) => JSON.stringify(bodyOf(refusal)),
  ofPod: (data) => JSON.stringify(errorOfPod(data)),
  frame: (body) => `event: error\ndata: ${body.replaceAll('\n', ' ')}\n\n`,
};

/** The status that a pod's error within a stream stands for; undefined where its type tells none. */
export function statusOfErrorType(error: unknown): number | undefined {
  const type = isObject(error) ? error['type'] : undefined;
  return type === 'api_error' ? 500 : STATUSES.get(type);
}

function bodyOf({ code, message, param }: Refusal): object {
  return { type: 'error', error: { type: typeOf(statusOf(code)), message, code, param: param ?? null } };
}

function typeOf(status: number): string {
  return TYPES.get(status) ?? (status === OVERLOADED_STATUS ? 'overloaded_error' : 'api_error');
}

function errorOfPod(data: string): object {
  const value = parse(data);
  const error = isObject(value) ? (value['error'] ?? value) : value;
  if (isObject(value) && value['type'] === 'error' && isObject(error)) return value;
  const message = isObject(error) ? error['message'] : error;
  const text = typeof message === 'string' ? message : 'the model server reported an error';
  return bodyOf({ code: 'upstream_error', message: text });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

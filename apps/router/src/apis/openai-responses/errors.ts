import { errorBody } from '@ecolink/contracts';
import { isObject } from '../../relay/metering/usage-reading.js';
import type { ErrorShape } from '../api.js';
import { OPENAI_ERRORS } from '../openai-text/errors.js';

type ErrorFields = Readonly<Record<string, unknown>>;

/**
 * As on every OpenAI endpoint, but in streams an event `error` whose fields stand beside its type. The error object is in
 * it, too: by that the official clients know an error from an event.
 */
export const RESPONSES_ERRORS: ErrorShape = {
  body: OPENAI_ERRORS.body,
  ofPod: (data) => JSON.stringify({ error: fieldsOf(data) }),
  frame: (body, sequence) => {
    const error = fieldsOf(body);
    const { message, code = null, param = null } = error;
    const event = { type: 'error', code, message, param, sequence_number: sequence, error };
    return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
  },
};

function fieldsOf(data: string): ErrorFields {
  const value = parse(data);
  const error = isObject(value) ? (value['error'] ?? value) : value;
  if (isObject(error) && typeof error['message'] === 'string') return withoutSequence(error);
  const message = typeof error === 'string' ? error : 'the model server reported an error';
  return { ...errorBody({ code: 'upstream_error', message }).error };
}

function withoutSequence({ sequence_number: _sequence, type, ...error }: ErrorFields): ErrorFields {
  return { ...error, type: type === 'error' || type === undefined ? 'server_error' : type };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

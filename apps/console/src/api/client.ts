import createClient from 'openapi-fetch';
import type { PublishedPaths } from './paths.js';
import { Problem, problemOf } from './problem.js';
import { sessionEnded } from './session.js';

/** Calls whose 401 is about what was typed, or asks whether there is a session at all. */
const SIGN_IN_PATHS = /^\/api\/v1\/(session|signup|password-reset|me)(\/|$)/;

/** Calls of the management API, typed by the published document. Same origin: the session cookie goes along. */
export const api = createClient<PublishedPaths>({ baseUrl: '', fetch: fetchInSession, credentials: 'same-origin' });

async function fetchInSession(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(request);
  if (response.status !== 401 || SIGN_IN_PATHS.test(new URL(request.url).pathname)) return response;
  return (await sessionEnded()) === 'renewed' ? fetch(again) : response;
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** What a call answered; throws a `Problem` when it was refused or no answer came. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw new Problem({ status: 0, code: 'connection_failed', message: 'No answer came. The connection may be lost.' });
  }
  if (!answer.response.ok) throw problemOf(answer.response, answer.error);
  return answer.data as T;
}

const KEY_BYTES = 16;

/** A fresh `Idempotency-Key`: one for each time a person presses a button, so a repeated send does it once. */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

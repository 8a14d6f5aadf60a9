import { HEADER } from '@ecolink/contracts';
import type OpenAI from 'openai';
import { Problem, problemOf, toProblem } from '../../api/problem.js';
import { forgetPlaygroundKey, playgroundKey } from './token.js';

const UNAUTHORIZED = 401;

export interface CallHead {
  readonly requestId: string | null;
  readonly region: string | null;
}

export function headOf(response: Pick<Response, 'headers'>): CallHead {
  return { requestId: response.headers.get(HEADER.requestId), region: response.headers.get(HEADER.region) };
}

/** The official client, loaded with the first call. It never repeats a call by itself: a repeated call costs again. */
async function openAi(key: string): Promise<OpenAI> {
  const { default: Client } = await import('openai');
  return new Client({ apiKey: key, baseURL: `${window.location.origin}/v1`, dangerouslyAllowBrowser: true, maxRetries: 0 });
}

/** Calls with the playground's key; one that was refused is renewed once. Throws a `Problem`. */
export async function callModel<T>(work: (client: OpenAI) => Promise<T>): Promise<T> {
  try {
    return await work(await openAi(await playgroundKey()));
  } catch (thrown) {
    if (statusIn(thrown) !== UNAUTHORIZED) throw problemIn(thrown);
    forgetPlaygroundKey();
  }
  try {
    return await work(await openAi(await playgroundKey()));
  } catch (thrown) {
    throw problemIn(thrown);
  }
}

/** The same for paths that the official client does not have. */
export async function fetchModel(path: string, init: RequestInit = {}): Promise<Response> {
  const send = async (): Promise<Response> => {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${await playgroundKey()}` };
    return fetch(`/v1${path}`, { ...init, headers });
  };
  let response = await send();
  if (response.status === UNAUTHORIZED) {
    forgetPlaygroundKey();
    response = await send();
  }
  if (!response.ok) throw problemOf(response, await response.json().catch(() => undefined));
  return response;
}

interface ClientError {
  readonly status: number;
  readonly headers?: Headers;
  readonly error?: unknown;
}

function isClientError(thrown: unknown): thrown is ClientError {
  return thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number';
}

function statusIn(thrown: unknown): number | undefined {
  return isClientError(thrown) || thrown instanceof Problem ? thrown.status : undefined;
}

/** What the client threw, as the problem it is. An abort stays an abort. */
export function problemIn(thrown: unknown): Error {
  if (thrown instanceof Problem) return thrown;
  if (isAbort(thrown)) return thrown;
  if (isClientError(thrown))
    return problemOf({ status: thrown.status, headers: thrown.headers ?? new Headers() }, { error: thrown.error });
  return toProblem(thrown);
}

export function isAbort(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error &&
    (thrown.name === 'AbortError' || thrown.name === 'APIUserAbortError' || thrown.constructor.name === 'APIUserAbortError')
  );
}

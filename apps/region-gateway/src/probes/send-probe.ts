import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';

/** What came back on one path. */
export type ProbeAnswer =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'timeout' };

export interface ProbeCall {
  readonly origin: string;
  readonly path: string;
  readonly apiKey: string | null;
  readonly timeoutMs: number;
  readonly lookup?: LookupFunction;
}

const HEADER_BYTES_MAX = 16_384;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'host name not found',
  EHOSTUNREACH: 'host not reachable',
  ENETUNREACH: 'network not reachable',
};

/** One GET over a connection of its own, so that it finds out whether the pod still accepts any. Never rejects. */
export function sendProbe(call: ProbeCall): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const client = call.origin.startsWith('https:') ? https : http;
    const request = client.request(call.origin + call.path, {
      agent: false,
      maxHeaderSize: HEADER_BYTES_MAX,
      headers: { accept: '*/*', ...(call.apiKey === null ? {} : { authorization: `Bearer ${call.apiKey}` }) },
      ...(call.lookup === undefined ? {} : { lookup: call.lookup }),
    });
    const timer = setTimeout(() => {
      resolve({ kind: 'timeout' });
      request.destroy();
    }, call.timeoutMs);
    request.on('response', (response) => {
      resolve({ kind: 'status', status: response.statusCode ?? 0 });
      // The body is read to its end, as a polite client does, but no longer than the probe may take.
      response.on('error', () => undefined).resume();
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(answerOf(error)));
    request.on('close', () => {
      clearTimeout(timer);
      resolve({ kind: 'unreachable', reason: 'the connection closed without an answer' });
    });
    request.end();
  });
}

function answerOf(error: NodeJS.ErrnoException): ProbeAnswer {
  if (error.code === 'ETIMEDOUT') return { kind: 'timeout' };
  return { kind: 'unreachable', reason: REASONS[error.code ?? ''] ?? error.message };
}

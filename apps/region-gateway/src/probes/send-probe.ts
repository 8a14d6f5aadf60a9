import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';

/** What came back on one path. */
export type ProbeAnswer =
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'timeout' };

export interface ProbeCall {
  readonly origin: string;
  readonly path: string;
  readonly apiKey: string | null;
  readonly timeoutMs: number;
  /** The answer comes with its body, of which no more than 1 MiB is read. */
  readonly wantsBody?: boolean;
  readonly lookup?: LookupFunction;
}

const HEADER_BYTES_MAX = 16_384;
const BODY_BYTES_MAX = 1_048_576;

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
      const status = response.statusCode ?? 0;
      if (call.wantsBody === true) {
        void bodyOf(response).then((body) => resolve({ kind: 'status', status, body }));
        return;
      }
      resolve({ kind: 'status', status });
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

/** As much as came; a body that was cut is no list of anything. */
async function bodyOf(response: http.IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      text += chunk;
      if (text.length > BODY_BYTES_MAX) break;
    }
  } catch {
    return '';
  }
  return text;
}

function answerOf(error: NodeJS.ErrnoException): ProbeAnswer {
  if (error.code === 'ETIMEDOUT') return { kind: 'timeout' };
  return { kind: 'unreachable', reason: REASONS[error.code ?? ''] ?? error.message };
}

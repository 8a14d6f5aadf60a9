import { findFault } from '../faults/fault.js';
import type { Exchange } from '../server/exchange.js';
import { bodyWriter } from './body-writer.js';

/** `events`: server-sent events that have a name, their `type`, and need no `[DONE]`. */
export type StreamFormat = 'sse' | 'events' | 'ndjson';

/** Sends one frame per call; the answer's headers leave at once, as those of vLLM do, before there is a token. */
export interface FrameStream {
  readonly framesSent: number;
  data(value: unknown, paddedToBytes?: number): Promise<void>;
  comment(text: string): Promise<void>;
  /** `[DONE]` (SSE only) and the regular end of the body. */
  done(): Promise<void>;
  /** The end of the body without `[DONE]`. */
  end(): void;
}

export function openFrameStream(exchange: Exchange, format: StreamFormat): FrameStream {
  const { response, faults, signal } = exchange;
  const endOfLine = findFault(faults, 'crlf') === undefined ? '\n' : '\r\n';
  const write = bodyWriter(response, faults, signal);
  const frame = (text: string, type = '') => {
    if (format === 'ndjson') return write(`${text}${endOfLine}`);
    const name = format === 'events' ? `event: ${type}${endOfLine}` : '';
    return write(`${name}data: ${text}${endOfLine}${endOfLine}`);
  };
  let framesSent = 0;
  response.writeHead(200, {
    'content-type': format === 'ndjson' ? 'application/x-ndjson' : 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
  return {
    get framesSent() {
      return framesSent;
    },
    async data(value, paddedToBytes = 0) {
      framesSent += 1;
      const json = JSON.stringify(paddedToBytes > 0 ? { ...Object(value), padding: 'x'.repeat(paddedToBytes) } : value);
      await frame(json, typeOf(value));
    },
    async comment(text) {
      if (format !== 'ndjson') await write(`: ${text}${endOfLine}${endOfLine}`);
    },
    async done() {
      if (format === 'sse') await frame('[DONE]');
      if (!signal.aborted) response.end();
    },
    end() {
      if (!signal.aborted) response.end();
    },
  };
}

function typeOf(value: unknown): string {
  const type: unknown = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  return typeof type === 'string' ? type : 'error';
}

import { findFault } from '../faults/fault.js';
import type { Exchange } from '../server/exchange.js';
import { bodyWriter } from './body-writer.js';

export type StreamFormat = 'sse' | 'ndjson';

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
  const frame = (text: string) => write(format === 'sse' ? `data: ${text}${endOfLine}${endOfLine}` : `${text}${endOfLine}`);
  let framesSent = 0;
  response.writeHead(200, {
    'content-type': format === 'sse' ? 'text/event-stream; charset=utf-8' : 'application/x-ndjson',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
  return {
    get framesSent() {
      return framesSent;
    },
    async data(value, paddedToBytes = 0) {
      framesSent += 1;
      await frame(JSON.stringify(paddedToBytes > 0 ? { ...Object(value), padding: 'x'.repeat(paddedToBytes) } : value));
    },
    async comment(text) {
      if (format === 'sse') await write(`: ${text}${endOfLine}${endOfLine}`);
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

import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody, HEADER, newId, type Refusal, statusOf } from '@ecolink/contracts';
import { discardUpload } from '@ecolink/service-kit';
import { noteAnswer } from './malformed-request.js';
import type { LimitDecision } from '../limits/sliding-window.js';

export type HeaderValues = Record<string, string | number | string[]>;

/** Bodies up to this announced length are read though nobody wants them: cheaper than a new connection. */
const SHORT_BODY_BYTES_MAX = 65_536;

/**
 * One call of a client: request, response, and what every answer carries. `onClientGone` tells when the client left
 * before its answer was complete.
 */
export class Exchange {
  readonly requestId: string;
  readonly startedAtMs = performance.now();
  readonly admittedAt = new Date();
  /** On every answer from here on: request id, and the key's limits once they are known. */
  readonly headers: HeaderValues;
  private gone = false;
  private goneListeners: (() => void)[] = [];

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    // Never the client's own: two calls of one id could not be told apart on a bill.
    this.requestId = newId('req');
    this.headers = { [HEADER.requestId]: this.requestId };
    noteAnswer(response);
    response.on('close', () => {
      if (response.writableFinished) return;
      this.gone = true;
      for (const listener of this.goneListeners.splice(0)) listener();
    });
    // A socket error shows as `close`; unheard it would end the process.
    response.on('error', () => undefined);
    request.on('error', () => undefined);
  }

  get clientGone(): boolean {
    return this.gone;
  }

  /** Milliseconds since the call arrived. */
  elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }

  onClientGone(listener: () => void): void {
    if (this.gone) listener();
    else this.goneListeners.push(listener);
  }

  setLimitHeaders(decision: LimitDecision): void {
    const { limit, remaining, resetSeconds } = decision;
    this.headers['x-ratelimit-limit'] = limit;
    this.headers['x-ratelimit-remaining'] = remaining;
    this.headers['x-ratelimit-reset'] = resetSeconds;
    this.headers['x-ratelimit-limit-requests'] = limit;
    this.headers['x-ratelimit-remaining-requests'] = remaining;
    this.headers['x-ratelimit-reset-requests'] = `${resetSeconds}s`;
  }

  /** Answers with a refusal in the one error shape. Does nothing once an answer has begun. */
  refuse(refusal: Refusal, extraHeaders: HeaderValues = {}): void {
    const retry: HeaderValues = refusal.retryAfterSeconds === undefined ? {} : { 'retry-after': refusal.retryAfterSeconds };
    this.sendJson(statusOf(refusal.code), JSON.stringify(errorBody(refusal)), { ...retry, ...extraHeaders });
  }

  /** Answers with a whole JSON text. */
  sendJson(status: number, json: string, extraHeaders: HeaderValues = {}): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    const body = Buffer.from(json);
    const headers: HeaderValues = {
      'content-type': 'application/json',
      'content-length': body.length,
      ...this.headers,
      ...extraHeaders,
    };
    // A large body is not worth reading to its end only to keep the connection.
    if (!this.request.complete && !isShort(this.request)) headers['connection'] = 'close';
    response.writeHead(status, headers);
    response.end(body);
    discardUpload(this.request);
  }
}

function isShort(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? Infinity) <= SHORT_BODY_BYTES_MAX;
}

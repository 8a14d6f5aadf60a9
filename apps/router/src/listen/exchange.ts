import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallAttempt, HEADER, headerValue, type KeyState, newId, type Refusal, statusOf } from '@ecolink/contracts';
import { discardUpload } from '@ecolink/proxy';
import type { ErrorShape } from '../apis/api.js';
import { OPENAI_ERRORS } from '../apis/openai-text/errors.js';
import type { LimitDecision } from '../admission/sliding-window.js';

export type HeaderValues = Readonly<Record<string, string>>;

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
  /** On every answer from here on, as a flat list: request id, and the key's limits once they are known. */
  readonly headers: string[];
  /** Whose call it is, as soon as its key is known. */
  key: KeyState | undefined;
  /** What the client asked for, as far as that was read; for the request log. */
  endpoint = '';
  model: string | undefined;
  /** The tries of a call that did not succeed at its first. */
  attempts: CallAttempt[] | undefined;
  /** How this call's errors are worded. */
  errors: ErrorShape = OPENAI_ERRORS;
  private gone = false;
  private goneListeners: (() => void)[] = [];
  private readonly overListeners: (() => void)[] = [];

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    // Never the client's own: two calls of one id could not be told apart on a bill.
    this.requestId = newId('req');
    this.headers = [HEADER.requestId, this.requestId, HEADER.clientRequestId, this.requestId];
    response.on('close', () => this.closed());
    // A socket error shows as `close`; unheard it would end the process.
    response.on('error', ignore);
    request.on('error', ignore);
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

  /** Calls the listener when the answer is out or the client is gone. */
  onOver(listener: () => void): void {
    if (this.response.closed) listener();
    else this.overListeners.push(listener);
  }

  setLimitHeaders(decision: LimitDecision): void {
    const [limit, remaining, reset] = [String(decision.limit), String(decision.remaining), String(decision.resetSeconds)];
    this.headers.push('x-ratelimit-limit', limit, 'x-ratelimit-remaining', remaining, 'x-ratelimit-reset', reset);
    this.headers.push('x-ratelimit-limit-requests', limit, 'x-ratelimit-remaining-requests', remaining);
    this.headers.push('x-ratelimit-reset-requests', `${reset}s`);
  }

  /** On every answer from here on: the account's tokens of the minute, as OpenAI's clients read them. */
  setTokenLimitHeaders({ limit, remaining, resetSeconds }: LimitDecision): void {
    this.headers.push('x-ratelimit-limit-tokens', String(limit), 'x-ratelimit-remaining-tokens', String(remaining));
    this.headers.push('x-ratelimit-reset-tokens', `${resetSeconds}s`);
  }

  /** Answers with a refusal in the error shape of its dialect. Does nothing once an answer has begun. */
  refuse(refusal: Refusal, extraHeaders: HeaderValues = {}): void {
    const { retryAfterSeconds } = refusal;
    const retry = retryAfterSeconds === undefined ? extraHeaders : { 'retry-after': String(retryAfterSeconds), ...extraHeaders };
    this.sendJson(statusOf(refusal.code), this.errors.body(refusal), retry);
  }

  private closed(): void {
    for (const listener of this.overListeners.splice(0)) listener();
    if (this.response.writableFinished) return;
    this.gone = true;
    for (const listener of this.goneListeners.splice(0)) listener();
  }

  /** Answers with a whole JSON text. */
  sendJson(status: number, json: string, extraHeaders: HeaderValues = {}): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    const length = String(Buffer.byteLength(json));
    const headers = ['content-type', 'application/json', 'content-length', length, ...this.headers];
    for (const name in extraHeaders) headers.push(name, extraHeaders[name] ?? '');
    // A large body is not worth reading to its end only to keep the connection.
    const isLeftUnread = !this.request.complete && !isShort(this.request);
    if (isLeftUnread && extraHeaders['connection'] === undefined) headers.push('connection', 'close');
    response.writeHead(status, headers);
    // As text it leaves in one piece with the head, whose every character is plain ASCII here.
    if (isLeftUnread) this.endWhenRead(json);
    else response.end(json);
    discardUpload(this.request);
  }

  /** A connection that is closed under bytes of its client is reset, and the answer with it: they are read for a while first. */
  private endWhenRead(json: string): void {
    const { request, response } = this;
    response.write(json);
    request.resume();
    const end = (): void => void response.end();
    request.once('end', end).once('close', end);
  }
}

function ignore(): void {
  // Told otherwise.
}

/** A client that waits to be told to go on may never send its body. */
function isShort(request: IncomingMessage): boolean {
  if (headerValue(request.rawHeaders, 'expect') !== undefined) return false;
  return Number(headerValue(request.rawHeaders, 'content-length') ?? Infinity) <= SHORT_BODY_BYTES_MAX;
}

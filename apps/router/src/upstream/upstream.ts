import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { type GatewayErrorKind, gatewayErrorKind, HEADER, type RawHeaders } from '@ecolink/contracts';
import { noteBytesRead } from '@ecolink/proxy';
import { type Dispatcher, Pool } from 'undici';

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query as they go on the wire. */
  readonly path: string;
  readonly headers: RawHeaders;
  readonly body: Buffer | Readable | null;
  /** When the call must be over, to its last byte, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
}

export interface AnswerSink {
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** The answer was cut; nothing follows. */
  onError(why: CutKind): void;
}

/** Why an answer stopped in its middle: its connection broke, or it fell silent or went on for too long. */
export type CutKind = 'lost' | 'idle' | 'overtime';

/** An answer whose head is here and whose body waits until a sink takes it. */
export interface UpstreamAnswer {
  readonly status: number;
  /** The reason phrase, as the pod wrote it. */
  readonly statusText: string;
  /** As they stand on the wire. Made when they are asked for: decoding each name costs a call into Node. */
  readonly headers: RawHeaders;
  /** The same with names in lower case, those of one name next to each other. */
  readonly plainHeaders: RawHeaders;
  /** The first value of this name (given in lower case). */
  header(lowerCaseName: string): string | undefined;
  /** Lets the body flow; call once. */
  consume(sink: AnswerSink): void;
  pause(): void;
  resume(): void;
  /** Ends the request at once; the sink hears nothing more. */
  abort(): void;
}

export type AttemptResult =
  | { readonly kind: 'answer'; readonly answer: UpstreamAnswer }
  /** `sent` tells whether a pod may have seen the request, and `pod` which one, where its gateway could say so. */
  | { readonly kind: 'failed'; readonly sent: boolean; readonly cause: GatewayErrorKind; readonly pod: string | undefined }
  /** The request holds what must not be put on the wire: no server would be sent it. */
  | { readonly kind: 'unsendable'; readonly message: string }
  | { readonly kind: 'aborted'; readonly sent: boolean };

export interface AttemptHandle {
  readonly result: Promise<AttemptResult>;
  abort(): void;
}

export interface UpstreamLimits {
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly connectionsMax: number;
}

class ClientAbortError extends Error {}

/** Keeps one bounded connection pool for each server that the router talks to. */
export class Upstreams {
  private readonly pools = new Map<string, Pool>();

  constructor(private readonly limits: UpstreamLimits) {}

  /** Sends one request. Never rejects: how it failed is part of the result. */
  send(origin: string, request: UpstreamRequest): AttemptHandle {
    const handler = new AttemptHandler(request.deadlineMs);
    const options: Dispatcher.DispatchOptions = {
      path: request.path,
      method: request.method,
      headers: request.headers as string[],
      body: request.body,
    };
    try {
      this.poolOf(origin).dispatch(options, handler);
    } catch (error) {
      handler.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)));
    }
    return { result: handler.result, abort: () => handler.abort() };
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
    this.pools.clear();
  }

  private poolOf(origin: string): Pool {
    let pool = this.pools.get(origin);
    if (pool === undefined) {
      pool = new Pool(origin, {
        connections: this.limits.connectionsMax,
        pipelining: 1,
        connect: { timeout: this.limits.connectTimeoutMs, noDelay: true },
        headersTimeout: this.limits.firstByteTimeoutMs,
        bodyTimeout: this.limits.idleTimeoutMs,
        keepAliveTimeout: 4_000,
      });
      this.pools.set(origin, pool);
    }
    return pool;
  }
}

const UNSENDABLE_CODES: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);
/** Deadlines close to each other fall together: Node keeps a list for every length of time that is waited for. */
const DEADLINE_STEP_MS = 64;
/** More than this of an answer is not taken before somebody wants it. */
const EARLY_BYTES_MAX = 65_536;
const TIMEOUT_CODES: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** One request on its way, and its answer from the answer's head on. */
class AttemptHandler implements Dispatcher.DispatchHandler, UpstreamAnswer {
  status = 0;
  statusText = '';
  readonly result: Promise<AttemptResult>;
  private resolve: (result: AttemptResult) => void = () => undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private parsedHeaders: IncomingHttpHeaders = {};
  private sink: AnswerSink | undefined;
  private abortRequested = false;
  private answered = false;
  /** What comes before the sink does. Mostly it is the body that came with the head, and the sink is there within the tick. */
  private readonly early: Buffer[] = [];
  private earlyBytes = 0;
  private earlyEnd: 'whole' | CutKind | undefined;
  private awaitsSink = false;
  private isOvertime = false;
  private readonly deadline: NodeJS.Timeout;

  constructor(deadlineMs: number) {
    this.result = new Promise((resolve) => (this.resolve = resolve));
    const leftMs = Math.max(0, deadlineMs - performance.now());
    this.deadline = setTimeout(() => this.endOvertime(), Math.ceil(leftMs / DEADLINE_STEP_MS) * DEADLINE_STEP_MS);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.abortRequested || this.isOvertime) controller.abort(new ClientAbortError());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText = '',
  ): void {
    if (status < 200) return;
    this.status = status;
    this.statusText = statusText;
    this.parsedHeaders = headers;
    this.answered = true;
    const cause = this.ownError();
    if (cause !== undefined) {
      const sent = this.header(HEADER.sent) !== 'no';
      this.resolve({ kind: 'failed', cause, sent, pod: this.header(HEADER.pod) });
      return;
    }
    this.awaitsSink = true;
    this.resolve({ kind: 'answer', answer: this });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    noteBytesRead(chunk.length);
    if (this.sink !== undefined) this.sink.onData(chunk);
    else if (this.awaitsSink) this.holdEarly(controller, chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.deadline);
    if (this.sink !== undefined) this.sink.onEnd();
    else this.earlyEnd = 'whole';
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    clearTimeout(this.deadline);
    if (this.abortRequested) this.resolve(this.abortedResult());
    else if (!this.answered) this.resolve(failureOf(error, this.isOvertime, this.controller !== undefined));
    else this.cut(this.isOvertime ? 'overtime' : TIMEOUT_CODES.has(codeOf(error)) ? 'idle' : 'lost');
  }

  abort(): void {
    clearTimeout(this.deadline);
    this.abortRequested = true;
    this.sink = undefined;
    this.awaitsSink = false;
    this.controller?.abort(new ClientAbortError());
    this.resolve(this.abortedResult());
  }

  /** A request that waits for a connection has no controller yet: nobody has seen it. */
  private abortedResult(): AttemptResult {
    return { kind: 'aborted', sent: this.controller !== undefined };
  }

  private endOvertime(): void {
    this.isOvertime = true;
    if (this.controller === undefined) this.onResponseError(undefined, new ClientAbortError());
    else this.controller.abort(new ClientAbortError());
  }

  private holdEarly(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.early.push(chunk);
    this.earlyBytes += chunk.length;
    if (this.earlyBytes > EARLY_BYTES_MAX) controller.pause();
  }

  private cut(why: CutKind): void {
    if (this.sink === undefined) this.earlyEnd = why;
    else this.sink.onError(why);
  }

  get headers(): RawHeaders {
    return this.controller === undefined ? [] : rawHeadersOf(this.controller);
  }

  get plainHeaders(): RawHeaders {
    const plain: string[] = [];
    for (const name in this.parsedHeaders) {
      const value = this.parsedHeaders[name];
      if (typeof value === 'string') plain.push(name, value);
      else for (const one of value ?? []) plain.push(name, one);
    }
    return plain;
  }

  header(lowerCaseName: string): string | undefined {
    const value = this.parsedHeaders[lowerCaseName];
    return typeof value === 'string' ? value : value?.[0];
  }

  private ownError(): GatewayErrorKind | undefined {
    const text = this.header(HEADER.gatewayError);
    return text === undefined ? undefined : gatewayErrorKind.safeParse(text).data;
  }

  pause(): void {
    this.controller?.pause();
  }

  resume(): void {
    this.controller?.resume();
  }

  consume(sink: AnswerSink): void {
    this.sink = sink;
    this.awaitsSink = false;
    for (const chunk of this.early.splice(0)) sink.onData(chunk);
    if (this.earlyEnd === undefined) this.controller?.resume();
    else if (this.earlyEnd === 'whole') sink.onEnd();
    else sink.onError(this.earlyEnd);
  }
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** @param hasStarted whether the request was given to a connection. Before that nothing was sent, so any path may move on. */
function failureOf(error: Error, isOvertime: boolean, hasStarted: boolean): AttemptResult {
  const code = codeOf(error);
  if (isOvertime || TIMEOUT_CODES.has(code)) return { kind: 'failed', sent: true, cause: 'timeout', pod: undefined };
  if (UNSENDABLE_CODES.has(code)) return { kind: 'unsendable', message: `the request cannot be passed on: ${error.message}` };
  return { kind: 'failed', sent: hasStarted, cause: hasStarted ? 'connection_lost' : 'connect_failed', pod: undefined };
}

function rawHeadersOf(controller: Dispatcher.DispatchController): RawHeaders {
  const raw = controller.rawHeaders;
  if (!Array.isArray(raw)) return [];
  return (raw as (string | Buffer)[]).map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

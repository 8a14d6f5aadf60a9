import type { Readable } from 'node:stream';
import { type GatewayErrorKind, gatewayErrorKind, HEADER } from '@ecolink/contracts';
import { type Dispatcher, Pool } from 'undici';
import { pairsOf, type RawHeader } from './header-rules.js';

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query as they go on the wire. */
  readonly path: string;
  readonly headers: readonly RawHeader[];
  readonly body: Buffer | Readable | null;
}

export interface AnswerSink {
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** The answer was cut or timed out; nothing follows. */
  onError(error: Error): void;
}

/** An answer whose head is here and whose body waits until a sink takes it. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: readonly RawHeader[];
  /** Lets the body flow; call once. */
  consume(sink: AnswerSink): void;
  pause(): void;
  resume(): void;
  /** Ends the request at once; the sink hears nothing more. */
  abort(): void;
}

export type AttemptResult =
  | { readonly kind: 'answer'; readonly answer: UpstreamAnswer }
  /** `sent` tells whether a pod may have seen the request. */
  | { readonly kind: 'failed'; readonly sent: boolean; readonly cause: GatewayErrorKind }
  | { readonly kind: 'aborted' };

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
    const handler = new AttemptHandler();
    const options: Dispatcher.DispatchOptions = {
      path: request.path,
      method: request.method,
      headers: request.headers.flatMap(([name, value]) => [name, value]),
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

/** Errors before the request left: nothing was sent, so any path may move on to the next candidate. */
const NEVER_SENT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
]);
const TIMEOUT_CODES: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

class AttemptHandler implements Dispatcher.DispatchHandler {
  readonly result: Promise<AttemptResult>;
  private resolve: (result: AttemptResult) => void = () => undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private sink: AnswerSink | undefined;
  private abortRequested = false;
  private answered = false;
  private earlyError: Error | undefined;

  constructor() {
    this.result = new Promise((resolve) => (this.resolve = resolve));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.abortRequested) controller.abort(new ClientAbortError());
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    const headers = rawHeadersOf(controller);
    const cause = ownErrorOf(headers);
    if (cause !== undefined) {
      this.resolve({ kind: 'failed', cause, sent: valueOf(headers, HEADER.sent) !== 'no' });
      this.answered = true;
      return;
    }
    this.answered = true;
    controller.pause();
    this.resolve({
      kind: 'answer',
      answer: {
        status,
        headers,
        consume: (sink) => this.flowInto(sink),
        pause: () => controller.pause(),
        resume: () => controller.resume(),
        abort: () => this.abort(),
      },
    });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.sink?.onData(chunk);
  }

  onResponseEnd(): void {
    this.sink?.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.abortRequested) {
      this.resolve({ kind: 'aborted' });
      return;
    }
    if (!this.answered) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const sent = !NEVER_SENT_CODES.has(code);
      this.resolve({
        kind: 'failed',
        sent,
        cause: TIMEOUT_CODES.has(code) ? 'timeout' : sent ? 'connection_lost' : 'connect_failed',
      });
      return;
    }
    if (this.sink === undefined) this.earlyError = error;
    else this.sink.onError(error);
  }

  abort(): void {
    this.abortRequested = true;
    this.sink = undefined;
    this.controller?.abort(new ClientAbortError());
    this.resolve({ kind: 'aborted' });
  }

  private flowInto(sink: AnswerSink): void {
    if (this.earlyError !== undefined) {
      sink.onError(this.earlyError);
      return;
    }
    this.sink = sink;
    this.controller?.resume();
  }
}

function rawHeadersOf(controller: Dispatcher.DispatchController): RawHeader[] {
  const raw = controller.rawHeaders;
  return Array.isArray(raw) ? pairsOf(raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))) : [];
}

export function valueOf(headers: readonly RawHeader[], name: string): string | undefined {
  return headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
}

function ownErrorOf(headers: readonly RawHeader[]): GatewayErrorKind | undefined {
  const result = gatewayErrorKind.safeParse(valueOf(headers, HEADER.gatewayError));
  return result.success ? result.data : undefined;
}

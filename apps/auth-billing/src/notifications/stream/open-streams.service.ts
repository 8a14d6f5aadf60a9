import { ApiError, type AuthorizeRequest, type Principal, type StreamEvent } from '@ecolink/contracts';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Principals } from '../../identity/authorize/principals.service.js';
import type { OpenStream } from './open-stream.js';

const STREAMS_MAX = 500;
const STREAMS_PER_ACCOUNT_MAX = 20;
const TICK_MS = 1_000;
const HEARTBEAT_MS = 15_000;
/** How long one that has signed out may still be told things. */
const RECHECK_MS = 5_000;
/** Routers end a management call after ten minutes; the client opens the stream anew before that. */
const LIFETIME_MS = 9 * 60_000;
const RETRY_AFTER_SECONDS = 5;

interface Held {
  readonly stream: OpenStream;
  readonly credentials: AuthorizeRequest;
  readonly principal: Principal;
  readonly openedMs: number;
  checkedMs: number;
  heartbeatMs: number;
  checking: boolean;
}

/** All streams that are open here, and who they are for. */
@Injectable()
export class OpenStreams implements OnModuleInit, OnModuleDestroy {
  private readonly held = new Set<Held>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Principals) private readonly principals: Principals,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.tick(Date.now()), TICK_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    for (const { stream } of this.held) stream.end('stopping');
  }

  get size(): number {
    return this.held.size;
  }

  /** Throws 429 where the account, or this process, has as many as it may. */
  assertRoom(accountId: string): void {
    const own = [...this.held].filter(({ stream }) => stream.accountId === accountId).length;
    if (this.held.size < STREAMS_MAX && own < STREAMS_PER_ACCOUNT_MAX) return;
    throw new ApiError('rate_limit_exceeded', 'too many streams are open; close one first', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }

  hold(stream: OpenStream, principal: Principal, credentials: AuthorizeRequest): void {
    const nowMs = Date.now();
    const held = { stream, principal, credentials, openedMs: nowMs, checkedMs: nowMs, heartbeatMs: nowMs, checking: false };
    this.held.add(held);
    stream.onClosed(() => this.held.delete(held));
  }

  /** Tells an account's streams, or all where the thing is everybody's. */
  push(accountId: string | null, event: StreamEvent, id: string, data: object): void {
    for (const { stream } of this.held) if (accountId === null || stream.accountId === accountId) stream.push(event, id, data);
  }

  private tick(nowMs: number): void {
    const isStopping = this.held.size > 0 && !(this.host.httpAdapter.getHttpServer() as { listening: boolean }).listening;
    for (const held of this.held) {
      if (isStopping) held.stream.end('stopping');
      else if (nowMs - held.openedMs > LIFETIME_MS) held.stream.end('renew');
      else {
        if (nowMs - held.checkedMs > RECHECK_MS && !held.checking) void this.recheck(held);
        if (nowMs - held.heartbeatMs > HEARTBEAT_MS) {
          held.heartbeatMs = nowMs;
          held.stream.heartbeat();
        }
      }
    }
  }

  /** Signed out, revoked, suspended, or switched to another account: the stream ends. */
  private async recheck(held: Held): Promise<void> {
    held.checking = true;
    try {
      const principal = await this.principals.find(held.credentials);
      if (principal.account_id !== held.principal.account_id) held.stream.end('account_switched');
    } catch (error) {
      // A database that is away for a moment says nothing about who is signed in.
      if (error instanceof ApiError && error.status < 500) held.stream.end(error.code);
    } finally {
      held.checkedMs = Date.now();
      held.checking = false;
    }
  }
}

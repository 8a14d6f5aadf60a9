import type { ServerResponse } from 'node:http';
import type { Share } from '@ecolink/proxy';
import type { AnswerSink, CutKind, UpstreamAnswer } from '../upstream/upstream.js';

export interface PacedSink {
  /** @returns false when there is more to do of this piece, by `onMore` in a later turn. */
  onData(chunk: Buffer): boolean;
  /** @returns false as `onData` does. */
  onMore(): boolean;
  onEnd(): void;
  onError(why: CutKind): void;
}

/** What it costs to read a piece that waits. */
const READ_BYTES_PER_UNIT = 2_048;

/**
 * A pod's answer at the pace of its client and of its account: while the client does not take what is there, or the
 * account has had its part of the event loop, the pod is held back, and what it sent already waits here.
 */
export class PacedAnswer implements AnswerSink {
  private readonly backlog: Buffer[] = [];
  private clientIsSlow = false;
  private isInLine = false;
  private hasMore = false;
  private isPaused = false;
  private isEnded = false;
  private last: { readonly why: CutKind | undefined } | undefined;

  constructor(
    private readonly answer: UpstreamAnswer,
    private readonly sink: PacedSink,
    private readonly response: ServerResponse,
    private readonly share: Share,
  ) {}

  /** Lets the answer flow; call once. */
  begin(): void {
    this.answer.consume(this);
  }

  get waitsForClient(): boolean {
    return this.clientIsSlow;
  }

  onData(chunk: Buffer): void {
    if (this.isEnded) return;
    if (this.isInLine || !this.share.mayGoOn()) {
      this.backlog.push(chunk);
      this.share.spend(chunk.length / READ_BYTES_PER_UNIT);
      this.lineUp();
      return;
    }
    this.hasMore = !this.sink.onData(chunk);
    if (this.hasMore) this.lineUp();
  }

  onEnd(): void {
    this.finish(undefined);
  }

  onError(why: CutKind): void {
    this.finish(why);
  }

  /** The client has not taken what was written. */
  waitForClient(): void {
    if (this.clientIsSlow || this.isEnded) return;
    this.clientIsSlow = true;
    this.pause();
    this.response.once('drain', () => {
      this.clientIsSlow = false;
      this.resume();
    });
  }

  /** The sink wants nothing more. */
  end(): void {
    this.isEnded = true;
  }

  /** What the sink was not given. */
  get unrelayed(): { readonly pieces: readonly Buffer[]; readonly hasEnded: boolean } {
    return { pieces: this.backlog, hasEnded: this.last !== undefined };
  }

  private finish(why: CutKind | undefined): void {
    if (this.isEnded) return;
    if (this.isInLine) this.last = { why };
    else if (why === undefined) this.sink.onEnd();
    else this.sink.onError(why);
  }

  private lineUp(): void {
    if (this.isInLine || this.isEnded) return;
    this.isInLine = true;
    this.pause();
    this.share.wait(() => this.goOn());
  }

  private goOn(): void {
    this.isInLine = false;
    if (this.isEnded) return;
    if (this.hasMore) this.hasMore = !this.sink.onMore();
    while (!this.hasMore && !this.isEnded && this.backlog.length > 0 && this.share.mayGoOn()) {
      const chunk = this.backlog.shift();
      if (chunk !== undefined) this.hasMore = !this.sink.onData(chunk);
    }
    if (this.isEnded) return;
    if (this.hasMore || this.backlog.length > 0) return this.lineUp();
    if (this.last !== undefined) return this.finish(this.last.why);
    this.resume();
  }

  private pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.answer.pause();
  }

  private resume(): void {
    if (!this.isPaused || this.clientIsSlow || this.isInLine || this.isEnded) return;
    this.isPaused = false;
    this.answer.resume();
  }
}

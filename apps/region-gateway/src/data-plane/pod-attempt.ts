import type { ServerResponse } from 'node:http';
import { type FairTurns, isShortBody, noteBytesRead, type Share, writeFirst } from '@ecolink/proxy';
import type { Dispatcher } from 'undici';
import type { CallTimers } from './call-timers.js';
import { sendHead } from './send-head.js';

/** The first status of a final answer; 1xx only announce one. */
const FINAL_STATUS_MIN = 200;

const BYTES_PER_UNIT = 512;

/** The call that a try is made for, and what it is told. */
export interface AttemptedCall {
  /** Whose part of the event loop the answer takes. */
  readonly holder: string;
  /** True once its answer is decided, whoever decided it: it takes nothing more. */
  readonly settled: boolean;
  /** The try began for a call that had ended, and gave up. */
  abandoned(): void;
  /** The pod never saw the request. */
  notSent(error: Error): void;
  /** The pod may have got the request, and no answer began. */
  lostBeforeHeaders(error: Error): void;
  /** @throws when the pod's headers cannot be written; the try then ends as a lost connection. */
  headers(status: number, statusText: string | undefined, rawHeaders: readonly Buffer[]): void;
  /** Lost after the answer began: the caller must not take it for complete. */
  lostInAnswer(): void;
  /** @param body all of the answer's body, where nothing of it has been written. */
  complete(body?: Buffer): void;
}

/**
 * One try at one pod: undici's callbacks, told to the call in its own terms. Pieces that arrive together go on together, and
 * at once, while the instance has a part left of the event loop's turn; otherwise the pod waits for a later one.
 */
export class PodAttempt implements Dispatcher.DispatchHandler {
  /** True from the moment the request goes to the pod's connection: from then on nobody can say that it did not see it. */
  sent = false;
  /** True from the moment the pod's answer began. */
  answering = false;
  #controller: Dispatcher.DispatchController | undefined;
  #ended = false;
  #wroteBody = false;
  /** The caller has not taken what was written. */
  #isPaused = false;
  /** The instance has had its part of the turn. */
  #isInLine = false;
  #share: Share | undefined;
  /** Counted already of the next piece. */
  #paidUnits = 0;
  #pieces: Buffer[] = [];
  /** True while what arrived together with the head is being dealt with. */
  #isBeginning = false;
  /** A short first piece of the body: most often it is the whole of it, and leaves with the end in one write. */
  #first: Buffer | undefined;

  constructor(
    private readonly call: AttemptedCall,
    private readonly response: ServerResponse,
    private readonly timers: CallTimers,
    private readonly turns: FairTurns,
  ) {}

  /** Ends the try at once. One that is still connecting ends before anything is sent. */
  abort(reason: Error): void {
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.call.settled) {
      this.#ended = true;
      controller.abort(new Error('the call has ended'));
      this.call.abandoned();
      return;
    }
    this.#controller = controller;
    this.sent = true;
    this.timers.waitForHeaders();
  }

  /** An upload that moves is not late with its answer. */
  onBodySent(): void {
    if (!this.answering) this.timers.touch();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, statusText?: string): void {
    if (status < FINAL_STATUS_MIN || this.call.settled) return;
    this.call.headers(status, statusText, (controller.rawHeaders ?? []) as Buffer[]);
    this.answering = true;
    this.#isBeginning = true;
    // Headers and the first pieces of the body mostly arrive together: one write takes them. Without a body yet, the
    // headers leave as soon as undici is done with what arrived.
    if (this.response.chunkedEncoding) this.response.cork();
    queueMicrotask(() => this.#goOn());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.call.settled) return;
    this.timers.touch();
    noteBytesRead(chunk.length);
    if (
      this.#isBeginning &&
      this.#first === undefined &&
      !this.#wroteBody &&
      isShortBody(chunk) &&
      !this.response.chunkedEncoding
    ) {
      this.#first = chunk;
      return;
    }
    this.#writeHeldBack();
    if (this.#pieces.push(chunk) === 1) queueMicrotask(() => this.#writePieces());
    this.#share ??= this.turns.enter(this.call.holder);
    const units = 1 + chunk.length / BYTES_PER_UNIT;
    if (this.#share.spend(Math.max(1, units - this.#paidUnits)) || this.#isInLine) {
      this.#paidUnits = 0;
      return;
    }
    this.#paidUnits = 0;
    this.#isInLine = true;
    controller.pause();
    // What is there is read as soon as it may be: it is counted before, or a thousand pods would be read in one turn.
    this.#share.wait(() => {
      this.#isInLine = false;
      this.#paidUnits = units;
      this.#resume();
    }, units);
  }

  onResponseEnd(): void {
    this.#end();
    const whole = this.#first;
    this.#first = undefined;
    // Node writes the end of a chunked message before what is still corked, which cuts the message short.
    if (whole === undefined) this.#flush();
    this.call.complete(whole);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#ended) return;
    this.#end();
    if (!this.sent) this.call.notSent(error);
    else if (!this.answering) this.call.lostBeforeHeaders(error);
    else {
      this.#writeHeldBack();
      this.#writePieces();
      this.call.lostInAnswer();
    }
  }

  #end(): void {
    this.#ended = true;
    this.#share?.leave();
    this.#share = undefined;
  }

  /** What arrived together is dealt with: an answer that is not over by now has a wait for more. */
  #goOn(): void {
    this.#isBeginning = false;
    if (!this.#ended && !this.#isPaused && !this.call.settled) this.timers.waitForBody();
    this.#flush();
  }

  #flush(): void {
    if (this.response.destroyed || this.call.settled) return;
    this.#writeHeldBack();
    this.#writePieces();
    if (!this.#wroteBody) sendHead(this.response);
    if (this.response.writableCorked > 0) this.response.uncork();
  }

  #writeHeldBack(): void {
    const first = this.#first;
    if (first === undefined) return;
    this.#first = undefined;
    this.#write(first);
  }

  #writePieces(): void {
    const [first] = this.#pieces;
    if (first === undefined || this.response.destroyed) return;
    const bytes = this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    if (this.#write(bytes) || this.#ended || this.#isPaused) return;
    this.#isPaused = true;
    this.#controller?.pause();
    this.timers.pausePhase();
    this.response.once('drain', () => {
      this.#isPaused = false;
      if (this.#ended || this.call.settled) return;
      this.timers.waitForBody();
      this.#resume();
    });
  }

  #resume(): void {
    if (!this.#isPaused && !this.#isInLine && !this.#ended && !this.call.settled) this.#controller?.resume();
  }

  /** @returns false when the caller should wait for `drain`. */
  #write(chunk: Buffer): boolean {
    const isFirst = !this.#wroteBody;
    this.#wroteBody = true;
    return isFirst ? writeFirst(this.response, chunk) : this.response.write(chunk);
  }
}

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Refusal } from '@ecolink/contracts';
import type { BodyResult, InferenceBody } from './parse-inference-body.js';

export interface BodyJob {
  /** Of the endpoint whose dialect the body is. */
  readonly path: string;
  readonly buffer: ArrayBuffer;
}

/** The body without its bytes, which travel beside it and are not copied. */
export type BodyJobResult =
  | { readonly kind: 'body'; readonly body: InferenceBody; readonly buffer: ArrayBuffer }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

interface WaitingJob extends BodyJob {
  readonly resolve: (result: BodyResult) => void;
}

/** Each holds at least half a MiB, so these are a good part of all bodies that a router holds. */
const WAITING_MAX = 256;
/** Of one account, so that another's body is never far from its turn. */
const WAITING_PER_ACCOUNT_MAX = 32;
/** The longest body takes about a second on a slow machine. */
const READ_MAX_MS = 10_000;
const HEAP_MIB_MAX = 512;
const RETRY_AFTER_SECONDS = 1;

const UNREADABLE: BodyResult = {
  kind: 'refusal',
  refusal: { code: 'invalid_request', message: 'the body cannot be read: it takes too long, or more memory than there is' },
};

/**
 * Reads large bodies in a thread of its own, so that they take no time from the calls of others. Accounts take turns; what
 * waits is bounded. A body that ends the thread ends its own call only.
 */
export class LargeBodies {
  private readonly lines = new Map<string, WaitingJob[]>();
  private waiting = 0;
  private running: WaitingJob | undefined;
  private worker: Worker | undefined;
  private watchdog: NodeJS.Timeout | undefined;
  private isClosed = false;

  /** Whether there is a thread's program: where the sources themselves run, there is none. */
  readonly isAvailable: boolean;

  constructor(private readonly workerUrl: URL) {
    this.isAvailable = workerUrl.protocol !== 'file:' || existsSync(fileURLToPath(workerUrl));
  }

  /** @param bytes are handed over: the result has them, and its caller no more. */
  read(accountId: string, path: string, bytes: Buffer): Promise<BodyResult> {
    const line = this.lines.get(accountId) ?? [];
    if (this.isClosed || this.waiting >= WAITING_MAX) return Promise.resolve(busy('service_unavailable'));
    if (line.length >= WAITING_PER_ACCOUNT_MAX) return Promise.resolve(busy('rate_limit_exceeded'));
    return new Promise((resolve) => {
      line.push({ path, buffer: ownBuffer(bytes), resolve });
      this.lines.set(accountId, line);
      this.waiting += 1;
      this.next();
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const line of this.lines.values()) for (const { resolve } of line) resolve(busy('service_unavailable'));
    this.lines.clear();
    this.waiting = 0;
    await this.worker?.terminate();
  }

  private next(): void {
    if (this.running !== undefined || this.isClosed) return;
    const [turn] = this.lines;
    if (turn === undefined) return;
    const [accountId, line] = turn;
    // Behind all others.
    this.lines.delete(accountId);
    const job = line.shift();
    if (line.length > 0) this.lines.set(accountId, line);
    if (job === undefined) return;
    this.waiting -= 1;
    this.running = job;
    const worker = (this.worker ??= this.start());
    this.watchdog = setTimeout(() => void worker.terminate(), READ_MAX_MS);
    worker.postMessage({ path: job.path, buffer: job.buffer } satisfies BodyJob, [job.buffer]);
  }

  private start(): Worker {
    const worker = new Worker(this.workerUrl, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX } });
    worker.unref();
    worker.on('message', (result: BodyJobResult) => this.finish(worker, bodyOf(result)));
    // Told again by its exit.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = undefined;
      this.finish(worker, UNREADABLE);
    });
    return worker;
  }

  private finish(worker: Worker, result: BodyResult): void {
    if (this.worker !== undefined && this.worker !== worker) return;
    clearTimeout(this.watchdog);
    const job = this.running;
    this.running = undefined;
    job?.resolve(result);
    this.next();
  }
}

function bodyOf(result: BodyJobResult): BodyResult {
  if (result.kind === 'refusal') return result;
  return { kind: 'body', body: { ...result.body, bytes: Buffer.from(result.buffer) } };
}

/** The memory of these bytes and of no others. */
function ownBuffer(bytes: Buffer): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return Uint8Array.from(bytes).buffer;
}

function busy(code: 'service_unavailable' | 'rate_limit_exceeded'): BodyResult {
  const message = 'too many large bodies wait to be read at the moment; try again';
  return { kind: 'refusal', refusal: { code, message, retryAfterSeconds: RETRY_AFTER_SECONDS } };
}

import { executionAsyncResource } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** For processes that calls go through, before the first: what V8 does by default suits other programs (docs/decisions). */
export function tuneEngineForCalls(): void {
  tuneCollector();
  collectYoungByBytes();
  keepTicksFast();
  keepStringsFast();
}

/**
 * What such a process makes lives as long as a call, and little of it outlives a short collection.
 * - V8 watches what does and from then on makes such objects where only long collections look. At the start of a load it can
 *   take a small array of a call for one of them, and then everything a call has touched lives as long as that array: short
 *   collections take ten times as long, for minutes.
 * - For so little to be moved, waking helper threads and waiting for them costs more than they take over.
 * - After a time of little work V8 lets the heap grow by less than a young generation has room for. Each long collection is then
 *   followed by the next one at once, for as long as there is load. It may double.
 */
function tuneCollector(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--heap-growing-percent=100');
}

/**
 * V8 forgets the shape of an object when a full collection finds none of that shape. For the object of a tick, which is made in a
 * way that it learns only once, that is for good: each tick costs five times as much from then on. One that stays prevents it.
 */
function keepTicksFast(): void {
  process.nextTick(() => kept.push(executionAsyncResource()));
}

const kept: object[] = [];

/** Far more often than V8 must see it to look closer. */
const LOOKS = 1_000;

/**
 * A class that extends `String` (a dependency has one) puts the methods of all strings in a table that is slow to read, until
 * V8 sees one read from a `String` object, which nobody makes: each call of `indexOf`, `slice` or `charCodeAt` is an ordinary
 * look-up meanwhile, in optimized code too. Once seen, they stay fast.
 */
function keepStringsFast(): void {
  for (let look = 0; look < LOOKS; look += 1) firstOf(Object('text') as string);
}

function firstOf(text: string): string | undefined {
  return text.at(0);
}

/** A quarter of what makes V8 begin a long collection; a short one after it takes less than half a millisecond. */
const BYTES_BETWEEN = 16 * 1_048_576;

let bytesSince = 0;
let collect: (() => void) | undefined;

/**
 * Lets `noteBytesRead` collect what is young. Each read of a connection makes a buffer of up to 64 KiB outside V8's heap, and
 * with every 64 MiB of them V8 collects the whole heap, though nearly all are forgotten by then: beside one who streams fast,
 * nobody would be served for 10 ms several times a second (docs/decisions/2026-11-27-the-collector-on-the-way-of-calls.md).
 */
function collectYoungByBytes(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  setFlagsFromString('--no-expose-gc');
  collect = () => {
    gc({ type: 'minor', execution: 'sync' });
  };
}

/** Bytes that came from a connection and are passed on. */
export function noteBytesRead(bytes: number): void {
  bytesSince += bytes;
  if (bytesSince < BYTES_BETWEEN) return;
  bytesSince = 0;
  collect?.();
}

import { executionAsyncResource } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';

/** For processes that calls go through, before the first: what V8 does by default suits other programs (docs/decisions). */
export function tuneEngineForCalls(): void {
  tuneCollector();
  keepTicksFast();
  keepStringsFast();
}

/**
 * What such a process makes lives as long as a call, and little of it outlives a short collection.
 * - V8 watches what does and from then on makes such objects where only long collections look. At the start of a load it can
 *   take a small array of a call for one of them, and then everything a call has touched lives as long as that array: short
 *   collections take ten times as long, for minutes.
 * - For so little to be moved, waking helper threads and waiting for them costs more than they take over.
 */
function tuneCollector(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString('--no-parallel-scavenge');
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

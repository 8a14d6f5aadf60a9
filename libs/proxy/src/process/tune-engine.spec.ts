import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const ENGINE = new URL('./tune-engine.ts', import.meta.url).href;

/** What a script says in a process of its own, where it may ask V8 itself. */
async function tell(script: string): Promise<unknown> {
  const flags = ['--allow-natives-syntax', '--expose-gc', '--input-type=module'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', script]);
  return JSON.parse(stdout);
}

const tuning = (isTuned: boolean): string => (isTuned ? `(await import('${ENGINE}')).tuneEngineForCalls();` : '');

/** Are the methods of strings found the fast way when classes extend `String`? */
const strings = (isTuned: boolean): string => `
  class Text extends String {}
  ${tuning(isTuned)}
  class Other extends String {}
  console.log(%HasFastProperties(String.prototype));`;

/** Is any object of a tick left when all ticks are over and collections have been? */
const ticks = (isTuned: boolean): string => `
  import { createHook } from 'node:async_hooks';
  import { setTimeout as delay } from 'node:timers/promises';
  const made = [];
  createHook({ init: (id, type, trigger, tick) => type === 'TickObject' && made.push(new WeakRef(tick)) }).enable();
  ${tuning(isTuned)}
  process.nextTick(() => undefined);
  for (let count = 0; count < 3; count += 1) { await delay(5); gc(); }
  console.log(made.some((tick) => tick.deref() !== undefined));`;

/** Do bytes that are read and forgotten, a gibibyte of them, need no collection of the whole heap? */
const reads = (isTuned: boolean): string => `
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  import { setImmediate as nextTurn } from 'node:timers/promises';
  const { noteBytesRead } = await import('${ENGINE}');
  ${tuning(isTuned)}
  // About as much as a router or a gateway holds.
  const heap = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  gc();
  let long = 0;
  const note = ({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR && (long += 1);
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ entryTypes: ['gc'] });
  const held = [];
  for (let piece = 0; piece < 16_384; piece += 1) {
    held[piece % 16] = Buffer.allocUnsafeSlow(65_536);
    noteBytesRead(65_536);
    if (piece % 16 === 0) await nextTurn();
  }
  await nextTurn();
  console.log(long <= 2 && heap.length > 0);`;

it.each([
  ['the methods of strings fast, whoever extends String', strings],
  ['the shape of ticks, whatever is collected', ticks],
  ['long collections away from streams, however fast they are', reads],
])('keeps %s', async (_what, script) => {
  expect(await tell(script(false))).toBe(false);
  expect(await tell(script(true))).toBe(true);
});

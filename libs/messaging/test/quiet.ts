import type { BackOff, BusLogger } from '../src/index.js';

/** Failures are part of these tests; set BUS_TEST_LOG=1 to see them. */
export const silentLogger: BusLogger =
  process.env['BUS_TEST_LOG'] === '1'
    ? { info: report, warn: report, error: report }
    : { info: () => undefined, warn: () => undefined, error: () => undefined };

export const QUICK_BACK_OFF: BackOff = { initialMs: 5, maxMs: 50 };

function report(fields: object, event: string): void {
  process.stderr.write(`${event} ${JSON.stringify(fields)}\n`);
}

import { addTotals, closingLine, totalsOfStep } from './totals.mjs';
import type { JestReport } from './totals.mjs';

const report = (overrides: Partial<JestReport> = {}): JestReport => ({
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  ...overrides,
});

describe('totals of a test run', () => {
  it('count a check as one test', () => {
    expect(totalsOfStep('check', {})).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(totalsOfStep('check', { problem: 'exit code 1' })).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('count todo and pending tests as skipped', () => {
    expect(totalsOfStep('jest', {}, report({ numPendingTests: 2, numTodoTests: 1 }))).toEqual({
      passed: 3,
      failed: 0,
      skipped: 3,
    });
  });

  it('count a test file that could not be loaded as a failure', () => {
    const totals = totalsOfStep(
      'jest',
      { problem: 'exit code 1' },
      report({ success: false, numFailedTests: 1, numRuntimeErrorTestSuites: 2 }),
    );
    expect(totals).toEqual({ passed: 3, failed: 3, skipped: 0 });
  });

  it.each([
    ['a crash before the report', { problem: 'killed by SIGSEGV' }, undefined],
    ['a missing report though the exit code is 0', {}, undefined],
    ['a crash after the report', { problem: 'killed by SIGKILL' }, report()],
    ['a report of failure without a failed test', {}, report({ success: false })],
    ['a run without any test', {}, report({ numPassedTests: 0 })],
    ['a run in which every test was skipped', {}, report({ numPassedTests: 0, numPendingTests: 4 })],
  ])('never let %s pass', (_name, outcome, jestReport) => {
    expect(totalsOfStep('jest', outcome, jestReport).failed).toBe(1);
  });

  it('are added up over the steps and end in one line', () => {
    const totals = addTotals([
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 10, failed: 2, skipped: 3 },
    ]);
    expect(closingLine(totals)).toBe('11 passed, 2 failed, 3 skipped');
  });
});

/**
 * Totals of one step. A check is one test. A Jest step has the tests of its report, plus a failure for every file that
 * could not run and, so that no crash looks green, for a missing report, for a bad exit that no test explains, and
 * for a run in which no test was executed.
 */
export function totalsOfStep(kind, outcome, report) {
  if (kind === 'check') return { passed: outcome.problem ? 0 : 1, failed: outcome.problem ? 1 : 0, skipped: 0 };
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  const unexplained = failed === 0 && (Boolean(outcome.problem) || !report.success || passed === 0);
  return { passed, failed: unexplained ? 1 : failed, skipped };
}

export function addTotals(list) {
  const sum = (field) => list.reduce((total, totals) => total + totals[field], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** The last line of a run, which others parse. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

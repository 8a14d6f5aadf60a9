export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface JestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

export function totalsOfStep(kind: 'check' | 'jest', outcome: { readonly problem?: string }, report?: JestReport): Totals;
export function addTotals(list: readonly Totals[]): Totals;
export function closingLine(totals: Totals): string;

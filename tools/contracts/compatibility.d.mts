/** Lines that say what breaks, each beginning with its topic; empty when `current` only adds. Both are AsyncAPI documents. */
export function findBreakingChanges(baseline: unknown, current: unknown): string[];

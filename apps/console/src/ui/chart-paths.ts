export interface ChartPoint {
  readonly at: number;
  /** Null where nothing is known: a gap, not a zero. */
  readonly value: number | null;
}

const TOP = 4;

/** Paths of an area from 0 upwards, and of the line above it, in a box of that size. */
export function chartPaths(
  points: readonly ChartPoint[],
  width: number,
  height: number,
): { readonly line: string; readonly area: string } {
  const runs = runsOf(points, width, height);
  // A point between gaps is still to be seen: a line of no length with a width.
  const line = runs.map((run) => `M${run.join('L')}${run.length === 1 ? 'h0.01' : ''}`).join('');
  const area = runs
    .filter((run) => run.length > 1)
    .map((run) => `M${run[0]?.split(' ')[0] ?? '0'} ${height}L${run.join('L')}L${run.at(-1)?.split(' ')[0] ?? '0'} ${height}z`)
    .join('');
  return { line, area };
}

/** Runs of points that follow each other; what is not known lies between them. */
function runsOf(points: readonly ChartPoint[], width: number, height: number): string[][] {
  const top = Math.max(Number.MIN_VALUE, ...points.map(({ value }) => value ?? 0));
  const last = points.length - 1;
  const runs: string[][] = [[]];
  points.forEach(({ value }, index) => {
    const x = last < 1 ? 0 : (index / last) * width;
    if (value === null) runs.push([]);
    else runs.at(-1)?.push(`${x.toFixed(1)} ${(height - (value / top) * (height - TOP)).toFixed(1)}`);
  });
  return runs.filter((run) => run.length > 0);
}

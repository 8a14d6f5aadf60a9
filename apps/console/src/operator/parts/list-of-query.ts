import { toProblem } from '../../api/problem.js';
import type { AdminList } from './admin-table.js';

interface Asked<Row> {
  readonly data: readonly Row[] | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/** A list that comes whole, as a table takes it. */
export function listOfQuery<Row>({ data, error, refetch }: Asked<Row>): AdminList<Row> {
  return {
    rows: data,
    problem: error === null ? undefined : toProblem(error),
    loadMore: undefined,
    isLoadingMore: false,
    isCut: false,
    reload: () => void refetch(),
  };
}

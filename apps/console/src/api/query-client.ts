import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem.js';

const RETRIES_MAX = 2;
/** What the live stream does not patch is asked again this long after it was last asked, when a page needs it. */
const STALE_MS = 10_000;

/** Refusals are final; only lost connections and failing servers are tried again. */
function mayRetry(failures: number, error: Error): boolean {
  if (failures >= RETRIES_MAX) return false;
  return !(error instanceof Problem) || error.status === 0 || error.status >= 500;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: STALE_MS, retry: mayRetry, refetchOnWindowFocus: true, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});

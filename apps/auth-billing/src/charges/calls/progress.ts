import type { BusStrategy } from '@ecolink/messaging';
import type { Readiness } from '@ecolink/service-kit';

const STANDSTILL_MAX_MS = 60_000;

/** Not ready while usage waits and none is being billed, however alive the process looks. */
export function registerProgress(readiness: Readiness, strategy: Pick<BusStrategy, 'progress'>): void {
  readiness.register('usage', () => {
    const { lag, lastProgressAtMs } = strategy.progress();
    return lag > 0 && Date.now() - lastProgressAtMs > STANDSTILL_MAX_MS
      ? `${lag} usage events wait and none is billed`
      : undefined;
  });
}

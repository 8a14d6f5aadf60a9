import type { Refusal } from '@ecolink/contracts';
import { statusOf } from '@ecolink/contracts';
import type { CallSettlement } from '../settlement/call-settlement.js';
import type { MeteredUnits } from '../relay/metering/usage-reading.js';

type Unanswered =
  | { readonly kind: 'client_gone'; readonly sent: boolean; readonly region: string | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly sent: boolean; readonly region: string | null };

/**
 * Records a call that no pod answered. One that was never sent leaves no record; one that failed costs nothing; a client
 * that left while a pod was at work pays for its prompt. `sentUnits` is null where there is no prompt to count.
 */
export function recordUnanswered(recorder: CallSettlement, result: Unanswered, sentUnits: MeteredUnits | null): void {
  if (!result.sent) return;
  if (result.kind === 'refused') {
    recorder.record({
      outcome: 'failed',
      status: statusOf(result.refusal.code),
      region: result.region,
      units: { requests: 1 },
      estimated: false,
      billable: false,
      ttftMs: null,
    });
    return;
  }
  const metered = sentUnits ?? { units: { requests: 1 }, estimated: false };
  recorder.record({ ...metered, outcome: 'client_aborted', status: 0, region: result.region, billable: true, ttftMs: null });
}

import { newId, type KeyState, type UsageRecorded } from '@ecolink/contracts';
import { isoTime } from '@ecolink/runtime';
import type { Target } from '../admission/resolve-target.js';
import type { Exchange } from '../listen/exchange.js';
import type { CallRecorderParts } from './call-settlement.js';

export interface FailedJob {
  readonly key: KeyState;
  readonly target: Target;
  readonly endpoint: string;
  readonly region: string;
  /** Of the call that began it. */
  readonly requestId: string;
}

/**
 * Journals that a job has failed, so that billing gives back what it cost. False where the journal is full: nobody may be told of the
 * failure then, since who has heard of it asks no more.
 */
export function recordFailedJob(
  { journal, usageJson, usageSource }: Pick<CallRecorderParts, 'journal' | 'usageJson' | 'usageSource'>,
  exchange: Exchange,
  { key, target, endpoint, region, requestId }: FailedJob,
): boolean {
  if (!journal.reserve()) return false;
  try {
    const event: UsageRecorded = {
      ...{ event_id: newId('evt'), source: usageSource, journal_position: journal.nextPosition() },
      ...{ account_id: key.account_id, key_id: key.key_id, source_tag: key.source_tag },
      instance_id: target.platformModelId === null ? target.instance.instance_id : null,
      ...{ platform_model_id: target.platformModelId, model: target.model, endpoint, region },
      started_at: isoTime(exchange.admittedAt.getTime()),
      ended_at: isoTime(Date.now()),
      ...{ outcome: 'failed', status: 200, units: { requests: 0 }, estimated: false, billable: false, ttft_ms: null },
      ...{ request_id: exchange.requestId, refund_of: requestId },
    };
    journal.append({ event, costNanoUsd: 0n, eventJson: usageJson.of(event) });
    return true;
  } finally {
    journal.releaseReservation();
  }
}

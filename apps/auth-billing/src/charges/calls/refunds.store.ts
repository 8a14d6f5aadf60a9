import type { UsageRecorded } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { recordset } from '../../ledger/recordset.js';

/** A call that is given back, with the fields that its sums are kept by. */
export interface RefundedCall {
  readonly usage: Pick<UsageRecorded, 'event_id' | 'source' | 'account_id' | 'key_id' | 'instance_id' | 'platform_model_id'> &
    Pick<UsageRecorded, 'model' | 'region' | 'started_at' | 'source_tag'>;
  readonly amountNanoUsd: bigint;
}

interface CallName {
  readonly account_id: string;
  readonly request_id: string;
}

/** Notes which calls are to be given back; what was noted before stays as it is. */
export async function noteRefunds(transaction: Transaction, calls: readonly CallName[], now: Date): Promise<void> {
  if (calls.length === 0) return;
  await transaction.$executeRaw`
    INSERT INTO call_refunds (account_id, request_id, asked_at)
    SELECT DISTINCT account_id, request_id, ${now}::timestamptz
    FROM json_to_recordset(${recordset(calls)}::json) AS call (account_id text, request_id text)
    ORDER BY account_id, request_id ON CONFLICT DO NOTHING`;
}

interface Row extends Omit<RefundedCall['usage'], 'started_at' | 'instance_id'> {
  readonly instance_id: bigint | null;
  readonly started_at: Date;
  readonly amount: bigint;
}

/**
 * Marks those of these calls that are to be given back, are recorded, and were not given back before, and gives them. Under the locks of
 * their accounts.
 */
export async function takeDueRefunds(
  transaction: Transaction,
  calls: readonly CallName[],
  now: Date,
): Promise<readonly RefundedCall[]> {
  const rows = await transaction.$queryRaw<Row[]>`
    UPDATE call_refunds AS refund
    SET event_id = due.event_id, source = due.source, amount_nano_usd = due.cost_nano_usd, refunded_at = ${now}::timestamptz
    FROM (
      SELECT DISTINCT ON (call.account_id, call.request_id) usage.*
      FROM json_to_recordset(${recordset(calls)}::json) AS call (account_id text, request_id text)
      JOIN call_refunds AS asked USING (account_id, request_id)
      JOIN usage_events AS usage USING (account_id, request_id)
      WHERE asked.refunded_at IS NULL
      ORDER BY call.account_id, call.request_id, usage.cost_nano_usd DESC
    ) AS due
    WHERE refund.account_id = due.account_id AND refund.request_id = due.request_id
    RETURNING due.event_id, due.source, due.account_id, due.key_id, due.instance_id, due.platform_model_id, due.model, due.region,
      due.started_at, due.source_tag, due.cost_nano_usd AS amount`;
  return rows.map(({ amount, instance_id: instanceId, started_at: startedAt, ...row }) => ({
    usage: { ...row, instance_id: instanceId === null ? null : Number(instanceId), started_at: startedAt.toISOString() },
    amountNanoUsd: amount,
  }));
}

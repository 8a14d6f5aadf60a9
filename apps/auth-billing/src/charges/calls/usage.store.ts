import type { Transaction } from '@ecolink/database';
import { recordset } from '../../ledger/recordset.js';
import type { JournalPosition } from './usage-movements.js';
import type { PricedCall } from './price-calls.js';
import { callId } from './read-events.js';

/** Records calls that are not recorded yet; gives the ids (`callId`) of those that were new. */
export async function insertUsage(
  transaction: Transaction,
  calls: readonly PricedCall[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const rows = recordset(calls.map(toUsageRow));
  const inserted = await transaction.$queryRaw<{ event_id: string; source: string }[]>`
    INSERT INTO usage_events (event_id, source, payload_hash, journal_position, account_id, key_id, instance_id, platform_model_id, model,
      endpoint, region, started_at, ended_at, outcome, status, units, estimated, billable, ttft_ms, source_tag, request_id, price_version,
      cost_nano_usd, recorded_at)
    SELECT event_id, source, payload_hash, journal_position, account_id, key_id, instance_id, platform_model_id, model,
      endpoint, region, started_at, ended_at, outcome, status, units, estimated, billable, ttft_ms, source_tag, request_id, price_version,
      cost_nano_usd, ${now}::timestamptz
    FROM json_to_recordset(${rows}::json) AS call (event_id text, source text, payload_hash text, journal_position bigint, account_id text,
      key_id text, instance_id bigint, platform_model_id text, model text, endpoint text, region text, started_at timestamptz,
      ended_at timestamptz, outcome text, status integer, units jsonb, estimated boolean, billable boolean, ttft_ms double precision,
      source_tag text, request_id text, price_version integer, cost_nano_usd bigint)
    -- Sorted, so that two transactions with the same new ids wait for each other in one direction only.
    ORDER BY event_id, source
    ON CONFLICT (event_id, source) DO NOTHING
    RETURNING event_id, source`;
  return new Set(inserted.map(callId));
}

function toUsageRow({ call, costNanoUsd, priceVersion }: PricedCall): object {
  const { usage } = call;
  return { ...usage, payload_hash: call.payloadHash, price_version: priceVersion, cost_nano_usd: String(costNanoUsd) };
}

/** Hashes of recorded payloads, by `callId`. Each is looked up by itself, however many calls there are. */
export async function readPayloadHashes(
  transaction: Transaction,
  calls: readonly PricedCall[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await transaction.$queryRaw<{ event_id: string; source: string; payload_hash: string }[]>`
    SELECT known.event_id, known.source, known.payload_hash
    FROM unnest(${calls.map(({ call }) => call.usage.event_id)}::text[], ${calls.map(({ call }) => call.usage.source)}::text[])
      AS call (event_id, source)
    CROSS JOIN LATERAL (
      SELECT * FROM usage_events WHERE usage_events.event_id = call.event_id AND usage_events.source = call.source LIMIT 1
    ) AS known`;
  return new Map(rows.map((row) => [callId(row), row.payload_hash]));
}

/** Positions only grow, in whatever order batches arrive. */
export async function writeJournalPositions(
  transaction: Transaction,
  positions: readonly JournalPosition[],
  now: Date,
): Promise<void> {
  const rows = recordset(positions.map((each) => ({ account_id: each.accountId, source: each.source, position: each.position })));
  await transaction.$executeRaw`
    INSERT INTO journal_positions (account_id, source, position, updated_at)
    SELECT account_id, source, position, ${now}::timestamptz
    FROM json_to_recordset(${rows}::json) AS each (account_id text, source text, position bigint)
    ON CONFLICT (account_id, source) DO UPDATE
    SET position = greatest(journal_positions.position, excluded.position), updated_at = excluded.updated_at`;
}

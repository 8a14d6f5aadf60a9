import { type InstanceHealth, instanceHealth, newId, type ProjectionPage, TOPIC } from '@ecolink/contracts';
import { appendEvents, type Database, type Transaction } from '@ecolink/database';
import { z } from 'zod';
import { holdsLease } from '../lease/lease.store.js';
import type { HealthByInstance, HealthPod } from './health-pods.js';

const row = z.object({
  instance_id: z.union([z.bigint(), z.number()]).transform(Number),
  version: z.int(),
  pods: instanceHealth.shape.pods,
});
const rows = z.array(row);

/** Rows of one transaction, at the most. */
const BATCH_MAX = 500;

export interface HealthQuery {
  readonly since: string | undefined;
  readonly after: number;
  readonly limit: number;
}

export class HealthStore {
  constructor(private readonly database: Database) {}

  async loadAll(): Promise<Map<number, readonly HealthPod[]>> {
    const found = await this.database.client.$queryRaw`SELECT instance_id, version, pods FROM published_health`;
    return new Map(rows.parse(found).map(({ instance_id, pods }) => [instance_id, pods]));
  }

  /**
   * Writes the changes and their events together. Rows that already say so are left alone, and no event tells of them.
   * @returns false when `holder` is not, or no longer, the one that decides; then nothing more was written.
   */
  async publish(changes: HealthByInstance, holder: string): Promise<boolean> {
    const sorted = [...changes].sort(([left], [right]) => left - right);
    for (let start = 0; start < sorted.length; start += BATCH_MAX) {
      const batch = sorted.slice(start, start + BATCH_MAX);
      const isWritten = await this.database.transaction(async (transaction) => {
        if (!(await holdsLease(transaction, holder))) return false;
        await appendEvents(transaction, (await upsert(transaction, batch)).map(eventOf));
        return true;
      });
      if (!isWritten) return false;
    }
    return true;
  }

  /** One page and its cursor, in one reading. */
  async page({ since, after, limit }: HealthQuery): Promise<ProjectionPage> {
    const [answer] = await this.database.client.$queryRaw<{ cursor: string; items: unknown }[]>`
      WITH page AS (
        SELECT version, instance_id, pods FROM published_health
        WHERE (${since ?? null}::bigint IS NULL OR changed_xid >= ${since ?? null}::bigint) AND instance_id > ${after}::bigint
        ORDER BY instance_id LIMIT ${limit + 1}::integer
      )
      SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor,
             coalesce((SELECT jsonb_agg(to_jsonb(page) ORDER BY instance_id) FROM page), '[]'::jsonb) AS items`;
    if (answer === undefined) throw new Error('the database gave no page');
    const items = z.array(instanceHealth).parse(answer.items);
    const hasMore = items.length > limit;
    const page = items.slice(0, limit);
    return { items: page, cursor: answer.cursor, next: hasMore ? String(page.at(-1)?.instance_id) : null };
  }
}

async function upsert(
  transaction: Transaction,
  batch: readonly (readonly [number, readonly HealthPod[]])[],
): Promise<InstanceHealth[]> {
  const written = await transaction.$queryRaw`
    INSERT INTO published_health (instance_id, pods)
    SELECT instance_id, pods::jsonb
    FROM unnest(${batch.map(([instanceId]) => BigInt(instanceId))}::bigint[], ${batch.map(([, pods]) => JSON.stringify(pods))}::text[])
      AS change (instance_id, pods)
    ORDER BY instance_id
    ON CONFLICT (instance_id) DO UPDATE SET pods = EXCLUDED.pods WHERE published_health.pods IS DISTINCT FROM EXCLUDED.pods
    RETURNING instance_id, version, pods`;
  return rows.parse(written);
}

function eventOf(data: InstanceHealth) {
  const key = String(data.instance_id);
  return { id: newId('evt'), source: 'health-checker', topic: TOPIC.instanceHealthChanged, key, occurredAt: new Date(), data };
}

import type { DeliveredEvent } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { readKeyUses, writeKeyUses } from './key-uses.store.js';

const MINUTE_MS = 60_000;
/** Keys whose last minute is remembered, so that a busy key is written once a minute. */
const REMEMBERED_MAX = 10_000;

/** When keys were last used, to the minute: from usage as it is billed, and from management calls. */
@Injectable()
export class KeyUses {
  private readonly written = new Map<string, number>();

  constructor(@Inject(Database) private readonly database: Database) {}

  read(keyIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    return readKeyUses(this.database.client, keyIds);
  }

  /** Notes the calls of a batch of `usage.recorded`; one statement at the most, and none where every key's minute is known. */
  async noteCalls(events: readonly DeliveredEvent[]): Promise<void> {
    const uses = events.flatMap(({ data }): [string, number][] => {
      const { key_id: keyId, ended_at: endedAt } = (data ?? {}) as { key_id?: unknown; ended_at?: unknown };
      const endedMs = typeof endedAt === 'string' ? Date.parse(endedAt) : NaN;
      return typeof keyId === 'string' && Number.isFinite(endedMs) ? [[keyId, endedMs]] : [];
    });
    await this.write(uses);
  }

  noteManagementCall(keyId: string, now: Date): Promise<void> {
    return this.write([[keyId, now.getTime()]]);
  }

  private async write(uses: readonly (readonly [string, number])[]): Promise<void> {
    const news = new Map<string, number>();
    for (const [keyId, atMs] of uses) {
      const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
      if (minuteMs > Math.max(this.written.get(keyId) ?? -Infinity, news.get(keyId) ?? -Infinity)) news.set(keyId, minuteMs);
    }
    if (news.size === 0) return;
    await writeKeyUses(this.database.client, new Map([...news].map(([keyId, ms]) => [keyId, new Date(ms)])));
    for (const [keyId, minuteMs] of news) {
      if (this.written.size >= REMEMBERED_MAX) this.written.clear();
      this.written.set(keyId, minuteMs);
    }
  }
}

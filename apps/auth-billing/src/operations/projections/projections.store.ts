import { pricesDto, type ProjectionPage } from '@ecolink/contracts';
import { Database, Prisma } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import type { AccountStateRow } from '../../identity/accounts/account-state.js';
import { selectAccountStates, toAccountStates } from '../../identity/accounts/account-state.store.js';
import { type Clock, CLOCK } from '../../injection.js';
import { type KeyStateRow, toKeyState } from '../../identity/keys/key-state.js';
import { toPriceState } from '../../pricing/prices/prices.service.js';

export interface PageRequest {
  /** `cursor` of an earlier answer: only what changed since. */
  readonly since: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Consumers that hold a key from before its revocation refresh far more often than this. */
const REVOKED_AGE_MAX_MS = 24 * 60 * 60 * 1000;

/**
 * State for the routers. The cursor is read in the statement that reads the rows: whatever was uncommitted then has a
 * transaction number at or above it and so comes with the next read.
 */
@Injectable()
export class Projections {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Every secret that serves, and for a day those that no longer do. */
  async keys(request: PageRequest): Promise<ProjectionPage> {
    const deadSince = new Date(this.clock().getTime() - REVOKED_AGE_MAX_MS);
    const sinceAny = Prisma.sql`${request.since ?? null}::text IS NOT NULL`;
    const shared = Prisma.sql`k.id AS "keyId", k.account_id AS "accountId", k.scopes, k.source_tag AS "sourceTag", k.created_by AS "createdBy",
        k.revoked_at AS "revokedAt", k.allow, k.version, k.changed_xid`;
    const rows = Prisma.sql`
      SELECT k.key_hash AS id, k.key_hash AS "keyHash", k.expires_at AS "expiresAt", ${shared}
      FROM api_keys AS k WHERE k.revoked_at IS NULL OR k.revoked_at > ${deadSince}::timestamptz OR ${sinceAny}
      UNION ALL
      SELECT e.key_hash, e.key_hash, least(k.expires_at, e.serves_until), ${shared}
      FROM api_key_earlier_secrets AS e JOIN api_keys AS k ON k.id = e.key_id
      WHERE e.serves_until > ${deadSince}::timestamptz OR ${sinceAny}`;
    return this.page<KeyStateRow & { readonly id: string }>(rows, request, toKeyState);
  }

  async accounts(request: PageRequest): Promise<ProjectionPage> {
    const now = this.clock();
    const page = await this.page<AccountStateRow>(selectAccountStates(now), request, (row) => row);
    return { ...page, items: [...(await toAccountStates(this.database.client, page.items as AccountStateRow[], now))] };
  }

  /** The newest version of every target. */
  async prices(request: PageRequest): Promise<ProjectionPage> {
    const rows = Prisma.sql`
      SELECT DISTINCT ON (target) target AS id, target, version, prices, effective_from, changed_xid
      FROM price_versions ORDER BY target, version DESC`;
    type Row = { id: string; target: string; version: number; prices: unknown; effective_from: Date };
    return this.page<Row>(rows, request, (row) =>
      toPriceState({
        target: row.target,
        version: row.version,
        prices: pricesDto.parse(row.prices),
        effectiveFrom: row.effective_from,
      }),
    );
  }

  private async page<Row extends { readonly id: string }>(
    rows: Prisma.Sql,
    request: PageRequest,
    toItem: (row: Row) => unknown,
  ): Promise<ProjectionPage> {
    const { since = null, after = null, limit } = request;
    const found = await this.database.client.$queryRaw<({ cursor: string } & (Row | { id: null }))[]>`
      SELECT now_at.cursor, page.*
      FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor) AS now_at
      LEFT JOIN LATERAL (
        SELECT * FROM (${rows}) AS state
        WHERE (${since}::text::bigint IS NULL OR changed_xid >= ${since}::text::bigint) AND (${after}::text IS NULL OR id > ${after}::text)
        ORDER BY id LIMIT ${limit + 1}::bigint
      ) AS page ON true
      ORDER BY page.id`;
    const items = found.filter((row): row is { cursor: string } & Row => row.id !== null);
    const kept = items.slice(0, limit);
    return {
      items: kept.map(toItem),
      cursor: found[0]?.cursor ?? '0',
      next: items.length > limit ? (kept.at(-1)?.id ?? null) : null,
    };
  }
}

import { keyScope, pricesDto, type ProjectionPage } from '@ecolink/contracts';
import { Database, Prisma } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type AccountStateRow, toAccountState } from '../accounts/account-state.js';
import { selectAccountStates } from '../accounts/account-state.store.js';
import { type Clock, CLOCK } from '../injection.js';
import { type KeyRow, toKeyState } from '../keys/key-state.js';
import { toPriceState } from '../prices/prices.service.js';

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

  async keys(request: PageRequest): Promise<ProjectionPage> {
    const revokedSince = new Date(this.clock().getTime() - REVOKED_AGE_MAX_MS);
    const rows = Prisma.sql`
      SELECT id, account_id AS "accountId", name, prefix, key_hash AS "keyHash", scopes, source_tag AS "sourceTag",
        expires_at AS "expiresAt", created_at AS "createdAt", revoked_at AS "revokedAt", version, changed_xid
      FROM api_keys WHERE revoked_at IS NULL OR revoked_at > ${revokedSince}::timestamptz OR ${request.since ?? null}::text IS NOT NULL`;
    return this.page<KeyRow>(rows, request, (row) => toKeyState({ ...row, scopes: keyScope.array().parse(row.scopes) }));
  }

  async accounts(request: PageRequest): Promise<ProjectionPage> {
    return this.page<AccountStateRow>(selectAccountStates(this.clock()), request, toAccountState);
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

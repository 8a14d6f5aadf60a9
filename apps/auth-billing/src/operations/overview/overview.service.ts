import type { Overview } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { LedgerVerifier } from '../../ledger/ledger-verifier.js';
import { countWaitingDeadLetters, readCallFigures, readPostingLag } from './overview.store.js';
import { RouterContacts } from './router-contacts.js';

const WINDOW_S = 60;

@Injectable()
export class ShowOverview {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LedgerVerifier) private readonly verifier: LedgerVerifier,
    @Inject(RouterContacts) private readonly routers: RouterContacts,
  ) {}

  async show(): Promise<Overview> {
    const { client } = this.database;
    const now = this.clock();
    const since = new Date(now.getTime() - WINDOW_S * 1_000);
    const [calls, lag, deadLetters] = await Promise.all([
      readCallFigures(client, since),
      readPostingLag(client, since),
      countWaitingDeadLetters(client),
    ]);
    const { answers = 0, refused = 0, errors = 0 } = calls ?? {};
    return {
      at: now.toISOString(),
      calls: {
        per_second: (answers - refused) / WINDOW_S,
        refused_per_second: refused / WINDOW_S,
        error_ratio: answers === 0 ? null : errors / answers,
        ttft_ms: { p50: calls?.ttft_p50 ?? null, p95: calls?.ttft_p95 ?? null },
      },
      billing: {
        posting_lag_ms: { p50: lag?.p50 ?? null, max: lag?.max ?? null },
        dead_letters_waiting: deadLetters,
      },
      ledger: { problems: this.verifier.problems.length, verified_at: this.verifier.verifiedAt?.toISOString() ?? null },
      routers: this.routers.live(now).map(({ routerId, seenAt, stateAgeMs }) => ({
        ...{ router_id: routerId, seen_at: seenAt.toISOString(), state_age_ms: { ...stateAgeMs } },
      })),
    };
  }
}

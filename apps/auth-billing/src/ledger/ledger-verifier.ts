import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Readiness } from '@ecolink/service-kit';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Clock, CLOCK } from '../injection.js';
import { ledgerMetrics } from './ledger-metrics.js';
import { verifyBalances, verifyTransactions, type VerifiedSlice } from './verify-ledger.store.js';

const INTERVAL_MS = 10_000;
const SLICE = 2_000;

/** Walks the ledger round and round, one bounded slice at a time, and says loudly where it does not hold. */
@Injectable()
export class LedgerVerifier implements OnModuleInit, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private readonly walks: readonly [Walk, Walk];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(@Inject(Database) database: Database, @Inject(Readiness) readiness: Readiness, @Inject(CLOCK) clock: Clock) {
    this.walks = [
      new Walk('0', (after) => verifyTransactions(database, after, SLICE), clock),
      new Walk('', (after) => verifyBalances(database, after, SLICE), clock),
    ];
    readiness.registerDegraded('ledger', () => this.problems[0]);
  }

  /** Found and not seen repaired. */
  get problems(): readonly string[] {
    return this.walks.flatMap((walk) => walk.problems);
  }

  /** When both walks had last been through. */
  get verifiedAt(): Date | undefined {
    const [left, right] = this.walks.map((walk) => walk.verifiedAt);
    if (left === undefined || right === undefined) return undefined;
    return left < right ? left : right;
  }

  onModuleInit(): void {
    ledgerMetrics.problems().set(0);
    this.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  /** One slice of each walk. */
  async verifySlice(): Promise<void> {
    for (const walk of this.walks) {
      const { checked, problems } = await walk.step();
      ledgerMetrics.checked().inc(checked);
      for (const problem of problems) this.logger.error({ event: 'ledger.broken', problem });
    }
    ledgerMetrics.problems().set(this.problems.length);
    if (this.verifiedAt !== undefined) ledgerMetrics.verifiedAt().set(this.verifiedAt.getTime() / 1_000);
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.verifySlice()
        .catch((error: unknown) => this.logger.warn({ event: 'ledger.not_verified', err: error }))
        .finally(() => {
          if (this.timer !== undefined) this.schedule();
        });
    }, INTERVAL_MS).unref();
  }
}

/** One way through a table, from its beginning again whenever it has come to the end. */
class Walk {
  verifiedAt: Date | undefined;
  private after: string;
  private found = new Set<string>();
  private ofLastRound: ReadonlySet<string> = new Set();

  constructor(
    private readonly start: string,
    private readonly verify: (after: string) => Promise<VerifiedSlice>,
    private readonly clock: Clock,
  ) {
    this.after = start;
  }

  get problems(): readonly string[] {
    return [...new Set([...this.ofLastRound, ...this.found])];
  }

  async step(): Promise<{ readonly checked: number; readonly problems: readonly string[] }> {
    const { checked, problems, next } = await this.verify(this.after);
    for (const problem of problems) if (this.found.size < SLICE) this.found.add(problem);
    this.after = next ?? this.start;
    if (next === undefined) {
      this.ofLastRound = this.found;
      this.found = new Set();
      this.verifiedAt = this.clock();
    }
    return { checked, problems };
  }
}

import { Database } from '@ecolink/database';
import { observedGauge } from '@ecolink/service-kit';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { OpenStreams } from '../../notifications/stream/open-streams.service.js';
import { type Figures, readFigures, readTableBytes } from './figures.store.js';

const OWNER = 'auth-billing';
/** Several gauges of one reading of the metrics share what was read; a reading soon after another gets the same. */
const KEPT_MS = 2_000;

/** Metrics of what stands in the database. Read when somebody asks for them, and so free while nobody does. */
@Injectable()
export class StoredMetrics implements OnModuleInit {
  private figures: { readonly atMs: number; readonly read: Promise<Figures> } | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  onModuleInit(): void {
    const one = (name: string, help: string, read: (figures: Figures) => number): void =>
      observedGauge({ name, help }, OWNER, async () => [{ value: read(await this.read()) }]);
    one('ecolink_accounts_negative', 'Accounts whose balance is below zero', (figures) => figures.negativeBalances);
    one('ecolink_dead_letters_waiting', 'Events that wait for a replay, up to 1000', (figures) => figures.deadLetters);
    one('ecolink_top_ups_pending', 'Top-ups that are neither paid nor given up', (figures) => figures.pendingTopUps);
    observedGauge({ name: 'ecolink_holds', help: 'Holds that stand, by status', labelNames: ['status'] }, OWNER, async () =>
      [...(await this.read()).holds].map(([status, value]) => ({ labels: { status }, value })),
    );
    observedGauge(
      { name: 'ecolink_database_table_bytes', help: 'The largest tables with their indexes', labelNames: ['table'] },
      OWNER,
      async () => [...(await readTableBytes(this.database.client))].map(([table, value]) => ({ labels: { table }, value })),
    );
    observedGauge({ name: 'ecolink_console_streams', help: 'Streams of consoles that are open here' }, OWNER, () => [
      { value: this.streams.size },
    ]);
  }

  private read(): Promise<Figures> {
    const nowMs = performance.now();
    if (this.figures === undefined || nowMs - this.figures.atMs > KEPT_MS)
      this.figures = { atMs: nowMs, read: readFigures(this.database.client) };
    return this.figures.read;
  }
}

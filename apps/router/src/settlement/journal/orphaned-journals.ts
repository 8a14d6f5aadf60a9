import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { EventBus } from '@ecolink/messaging';
import { DirectoryLockedError, type Logger } from '@ecolink/runtime';
import { publishNext } from './publish-usage.js';
import { UsageJournal } from './usage-journal.js';

export interface OrphanedJournalsOptions {
  /** Holds a journal for each router of this machine, by its id. */
  readonly directory: string;
  /** The router whose own journal is not looked at. */
  readonly ownId: string;
  readonly bus: EventBus;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 30_000;
const SEGMENT_ENDING = '.jsonl';

/**
 * Publishes what routers of this machine left that died and did not come back. Their records keep source and position, so
 * billing takes each once, whoever publishes it. A journal belongs to whoever holds its lock: one that lives is left
 * alone, and one that comes back at that moment waits until its journal is let go.
 */
export class OrphanedJournals {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: OrphanedJournalsOptions) {}

  start(): void {
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** @returns how many records were published. */
  async drain(): Promise<number> {
    const { directory, ownId, logger } = this.options;
    let published = 0;
    for (const id of existsSync(directory) ? readdirSync(directory) : []) {
      if (id === ownId || this.stopped || !hasSegments(path.join(directory, id))) continue;
      const records = await this.drainOne(path.join(directory, id));
      if (records > 0) logger.warn({ event: 'journal.drained', router_id: id, records });
      published += records;
    }
    return published;
  }

  private look(): void {
    this.running ??= this.drain()
      .catch((error: unknown) => this.options.logger.warn({ event: 'journal.not_drained', err: error }))
      .then(() => (this.running = undefined));
  }

  private async drainOne(directory: string): Promise<number> {
    const journal = openUnheld(directory);
    if (journal === undefined) return 0;
    let published = 0;
    try {
      for (;;) {
        const records = await publishNext(journal, this.options.bus, this.options.logger);
        if (records === 0 || this.stopped) return published;
        published += records;
      }
    } finally {
      journal.close();
    }
  }
}

function hasSegments(directory: string): boolean {
  return readdirSync(directory).some((name) => name.endsWith(SEGMENT_ENDING));
}

function openUnheld(directory: string): UsageJournal | undefined {
  try {
    return new UsageJournal({ directory });
  } catch (error) {
    if (error instanceof DirectoryLockedError) return undefined;
    throw error;
  }
}

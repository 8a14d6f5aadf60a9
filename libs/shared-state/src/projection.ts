import { type ProjectionPage, PROJECTION_PAGE_MAX } from '@ecolink/contracts';
import type { z } from 'zod';

export interface Versioned {
  readonly version: number;
}

export interface PageQuery {
  readonly since?: string;
  readonly after?: string;
  readonly limit: number;
}

/** Where the last state is kept for a start without the owner. */
export interface ProjectionCache {
  /** The items of the last copy; fails where there is none. */
  load(): AsyncIterable<unknown>;
  /** Items may change while they are saved: of each its newest or the one before. */
  save(items: Iterable<unknown>): Promise<void>;
}

export interface ProjectionOptions<Item extends Versioned> {
  readonly name: string;
  /** Parses an item at the edge; one that does not parse is skipped and counted. */
  readonly schema: z.ZodType<Item>;
  readonly keyOf: (item: Item) => string;
  /** One page of the owner's projection endpoint. */
  readonly fetchPage: (query: PageQuery) => Promise<ProjectionPage>;
  /** Called after each change of the kept state. */
  readonly onChange?: (item: Item, previous: Item | undefined) => void;
  readonly onError?: (error: unknown) => void;
  readonly refreshIntervalMs?: number;
  readonly cache?: ProjectionCache;
  /** Told once when the copy cannot be saved any more, and once (`undefined`) when it can again. */
  readonly onCopyChange?: (failure: unknown) => void;
  readonly now?: () => number;
}

/** The floor under pushes: changes since the last cursor are asked for this often. */
export const REFRESH_INTERVAL_MS = 10_000;
const FIRST_RETRY_MS = 250;
const PAGES_MAX = 10_000;
/** A copy that took a second to write is not written again for five hundred. */
const COPY_PAUSE_FACTOR = 500;

/**
 * An owner's state, held in memory by a consumer: a snapshot first, then pushes as they come, and every 10 s what changed
 * since the last cursor, so that a lost push costs 10 s and nothing else. Of one thing the highest version wins,
 * whichever way it came: a stale copy can never overwrite a newer one.
 */
export class Projection<Item extends Versioned> {
  private readonly items = new Map<string, Item>();
  private cursor: string | undefined;
  private refreshedAtMs: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private changedSinceSave = false;
  private isCopyFailing = false;
  private savesAgainAtMs = 0;
  private saving: Promise<void> | undefined;
  private changes = 0;
  private skippedCount = 0;
  private readonly now: () => number;

  constructor(private readonly options: ProjectionOptions<Item>) {
    this.now = options.now ?? Date.now;
  }

  get name(): string {
    return this.options.name;
  }

  get size(): number {
    return this.items.size;
  }

  /** Grows with every change: what was found from this state holds while it is the same. */
  get revision(): number {
    return this.changes;
  }

  /** Items that did not parse since the start. */
  get skipped(): number {
    return this.skippedCount;
  }

  /** True once a snapshot was read, from the owner or from the last copy. */
  get isLoaded(): boolean {
    return this.refreshedAtMs !== undefined;
  }

  /** Milliseconds since the owner last confirmed this state; infinite before the first time. */
  ageMs(): number {
    return this.refreshedAtMs === undefined ? Infinity : Math.max(0, this.now() - this.refreshedAtMs);
  }

  get(key: string): Item | undefined {
    return this.items.get(key);
  }

  values(): IterableIterator<Item> {
    return this.items.values();
  }

  /** Reads the snapshot, falling back to the last copy, and keeps refreshing from then on. Never rejects. */
  async start(): Promise<void> {
    const loaded = await this.refresh();
    if (!loaded) await this.loadCopy();
    this.schedule(loaded ? this.intervalMs : FIRST_RETRY_MS);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Takes a pushed item. Returns false when it was older than what is known, or did not parse. */
  applyPush(value: unknown): boolean {
    const result = this.options.schema.safeParse(value);
    if (!result.success) {
      this.skippedCount += 1;
      this.options.onError?.(result.error);
      return false;
    }
    return this.apply(result.data);
  }

  private get intervalMs(): number {
    return this.options.refreshIntervalMs ?? REFRESH_INTERVAL_MS;
  }

  private apply(item: Item): boolean {
    const key = this.options.keyOf(item);
    const previous = this.items.get(key);
    if (previous !== undefined && previous.version >= item.version) return false;
    this.items.set(key, item);
    this.changedSinceSave = true;
    this.changes += 1;
    this.options.onChange?.(item, previous);
    return true;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running ??= this.refreshAndGoOn(delayMs).finally(() => (this.running = undefined));
    }, delayMs);
    this.timer.unref();
  }

  private async refreshAndGoOn(lastDelayMs: number): Promise<void> {
    const refreshed = await this.refresh();
    this.schedule(refreshed ? this.intervalMs : Math.min(lastDelayMs * 2, this.intervalMs));
  }

  /** Reads what changed since the cursor of the last complete refresh; true when all pages were read. */
  async refresh(): Promise<boolean> {
    try {
      const startedAtMs = this.now();
      const cursor = await this.readPages();
      this.cursor = cursor;
      this.refreshedAtMs = startedAtMs;
      // Beside everything else: of a large state it takes seconds.
      this.saving ??= this.saveCopy().finally(() => (this.saving = undefined));
      return true;
    } catch (error) {
      this.options.onError?.(error);
      return false;
    }
  }

  private async readPages(): Promise<string> {
    let after: string | undefined;
    let firstCursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await this.options.fetchPage({
        limit: PROJECTION_PAGE_MAX,
        ...(this.cursor === undefined ? {} : { since: this.cursor }),
        ...(after === undefined ? {} : { after }),
      });
      for (const item of answer.items) this.applyPush(item);
      firstCursor ??= answer.cursor;
      if (answer.next === null) return firstCursor;
      after = answer.next;
    }
    throw new Error(`${this.name}: more than ${PAGES_MAX} pages`);
  }

  private async saveCopy(): Promise<void> {
    const startedAtMs = this.now();
    if (!this.changedSinceSave || startedAtMs < this.savesAgainAtMs) return;
    this.changedSinceSave = false;
    try {
      await this.options.cache?.save(this.items.values());
      if (this.isCopyFailing) this.options.onCopyChange?.(undefined);
      this.isCopyFailing = false;
    } catch (error) {
      this.changedSinceSave = true;
      if (!this.isCopyFailing) this.options.onCopyChange?.(error);
      this.isCopyFailing = true;
    }
    const endedAtMs = this.now();
    this.savesAgainAtMs = endedAtMs + COPY_PAUSE_FACTOR * (endedAtMs - startedAtMs);
  }

  private async loadCopy(): Promise<void> {
    if (this.options.cache === undefined) return;
    let count = 0;
    try {
      for await (const item of this.options.cache.load()) {
        this.applyPush(item);
        count += 1;
      }
    } catch {
      // None, or one that ends in the middle: what was read is used.
      if (count === 0) return;
    }
    // Old by an unknown time: served on, and said to be stale by its age.
    this.refreshedAtMs = 0;
  }
}

import { type BusEvent, newId, type PricesDto, type PriceState, TOPIC } from '@ecolink/contracts';
import { appendEvents, Database, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { EVENT_SOURCE } from '../../event-source.js';
import { type Clock, CLOCK } from '../../injection.js';
import { insertPrice, lockPrices, type PriceRow, readNewestPrice } from './prices.store.js';

@Injectable()
export class PriceList {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The prices in force; none for a target that never had any. */
  async get(target: string): Promise<PricesDto> {
    return (await readNewestPrice(this.database.client, target))?.prices ?? {};
  }

  /** Makes a new version, in force from now on, unless these are the prices already. */
  put(target: string, prices: PricesDto): Promise<PricesDto> {
    return this.database.transaction((transaction) => this.putIn(transaction, target, prices));
  }

  private async putIn(transaction: Transaction, target: string, prices: PricesDto): Promise<PricesDto> {
    await lockPrices(transaction);
    const newest = await readNewestPrice(transaction, target);
    if (newest !== undefined && isSame(newest.prices, prices)) return newest.prices;
    const now = this.clock();
    // A clock that was set back must not put a new version before an older one.
    const effectiveFrom = newest !== undefined && newest.effectiveFrom > now ? newest.effectiveFrom : now;
    const row: PriceRow = { target, version: (newest?.version ?? 0) + 1, prices, effectiveFrom };
    await insertPrice(transaction, row);
    await appendEvents(transaction, [priceChangedEvent(row, now)]);
    return prices;
  }
}

export function toPriceState(row: PriceRow): PriceState {
  return { version: row.version, target: row.target, prices: row.prices, effective_from: row.effectiveFrom.toISOString() };
}

function priceChangedEvent(row: PriceRow, now: Date): BusEvent<PriceState> {
  return {
    id: newId('evt', now.getTime()),
    source: EVENT_SOURCE,
    topic: TOPIC.priceChanged,
    key: row.target,
    occurredAt: now,
    data: toPriceState(row),
  };
}

function isSame(left: PricesDto, right: PricesDto): boolean {
  const text = (prices: PricesDto): string => JSON.stringify(Object.entries(prices).sort(([a], [b]) => (a < b ? -1 : 1)));
  return text(left) === text(right);
}

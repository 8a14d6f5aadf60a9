import {
  type PriceState,
  priceState,
  PROJECTION_PAGE_MAX,
  projectionPage,
  PROJECTIONS,
  type PricesDto,
} from '@ecolink/contracts';
import type { Logger } from '@ecolink/runtime';
import type { InternalClient } from '@ecolink/service-kit';

const PAGES_MAX = 1_000;

/**
 * Prices for showing them beside instances. Each reading first fetches what changed since the last one, so that a price
 * that was just set is seen; while auth-billing does not answer, the last known ones are shown.
 */
export class PriceBook {
  private readonly byTarget = new Map<string, PriceState>();
  private cursor: string | undefined;

  constructor(
    private readonly client: InternalClient,
    private readonly logger: Logger,
  ) {}

  /** `{}` where there is no price, `null` where none could be learnt yet. */
  async read(): Promise<(target: string) => PricesDto | null> {
    try {
      await this.refresh();
    } catch (error) {
      this.logger.warn({ event: 'prices.unavailable', err: error });
    }
    return (target) => (this.cursor === undefined ? null : (this.byTarget.get(target)?.prices ?? {}));
  }

  private async refresh(): Promise<void> {
    const since = this.cursor;
    let after: string | undefined;
    let cursor: string | undefined;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page = projectionPage.parse(await this.client.get(PROJECTIONS.prices, { since, after, limit: PROJECTION_PAGE_MAX }));
      cursor ??= page.cursor;
      for (const item of page.items) this.keep(item);
      if (page.next === null) {
        this.cursor = cursor;
        return;
      }
      after = page.next;
    }
    throw new Error(`the prices have more than ${PAGES_MAX} pages`);
  }

  /** An item that cannot be read costs its own price only: the others are shown. */
  private keep(item: unknown): void {
    const { data: price, error } = priceState.safeParse(item);
    if (price === undefined) {
      this.logger.warn({ event: 'price.unreadable', err: error });
      return;
    }
    const known = this.byTarget.get(price.target);
    if (known === undefined || known.version < price.version) this.byTarget.set(price.target, price);
  }
}

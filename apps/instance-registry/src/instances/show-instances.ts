import {
  type AdminInstanceView,
  type InstanceEventView,
  type InstanceView,
  type ListPage,
  type ListQuery,
  priceTargetOfInstance,
} from '@ecolink/contracts';
import { toListPage } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { PriceBook } from '../billing/price-book.js';
import type { StoredInstance } from './instance.js';
import { InstanceEventsStore } from './instance-events.store.js';
import { adminInstanceViewOf, instanceViewOf } from './instance-view.js';
import { InstancesStore } from './instances.store.js';

/** Puts instances beside their prices, which belong to auth-billing. */
@Injectable()
export class ShowInstances {
  constructor(
    @Inject(PriceBook) private readonly prices: PriceBook,
    @Inject(InstancesStore) private readonly instances: InstancesStore,
    @Inject(InstanceEventsStore) private readonly events: InstanceEventsStore,
  ) {}

  async one(instance: StoredInstance): Promise<InstanceView> {
    const pricesOf = await this.prices.read();
    return instanceViewOf(instance, pricesOf(priceTargetOfInstance(instance.id)));
  }

  async oneForAdmin(instance: StoredInstance): Promise<AdminInstanceView> {
    const pricesOf = await this.prices.read();
    return adminInstanceViewOf(instance, pricesOf(priceTargetOfInstance(instance.id)));
  }

  async ownList(accountId: string, query: ListQuery): Promise<ListPage<InstanceView, number>> {
    const [rows, pricesOf] = await Promise.all([this.instances.list({ kind: 'own', accountId }, query), this.prices.read()]);
    return toListPage(
      rows.map((row) => instanceViewOf(row, pricesOf(priceTargetOfInstance(row.id)))),
      query,
    );
  }

  async adminList(accountId: string | undefined, query: ListQuery): Promise<ListPage<AdminInstanceView, number>> {
    const [rows, pricesOf] = await Promise.all([this.instances.list({ kind: 'own', accountId }, query), this.prices.read()]);
    return toListPage(
      rows.map((row) => adminInstanceViewOf(row, pricesOf(priceTargetOfInstance(row.id)))),
      query,
    );
  }

  async history(instanceId: number, query: ListQuery): Promise<ListPage<InstanceEventView>> {
    return toListPage(await this.events.list(instanceId, query), query);
  }
}

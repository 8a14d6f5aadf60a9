import {
  type AdminInstanceView,
  type InstanceEventView,
  type InstanceView,
  type ListPage,
  priceTargetOfInstance,
} from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { PriceBook } from '../billing/price-book.js';
import { pageOf, type PageRequest } from '../lists/page.js';
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

  async ownList(accountId: string, request: PageRequest): Promise<ListPage<InstanceView, number>> {
    const [rows, pricesOf] = await Promise.all([this.instances.list({ kind: 'own', accountId }, request), this.prices.read()]);
    return pageOf(rows, request, (row) => instanceViewOf(row, pricesOf(priceTargetOfInstance(row.id))));
  }

  async adminList(accountId: string | undefined, request: PageRequest): Promise<ListPage<AdminInstanceView, number>> {
    const [rows, pricesOf] = await Promise.all([this.instances.list({ kind: 'own', accountId }, request), this.prices.read()]);
    return pageOf(rows, request, (row) => adminInstanceViewOf(row, pricesOf(priceTargetOfInstance(row.id))));
  }

  async history(instanceId: number, request: PageRequest): Promise<ListPage<InstanceEventView>> {
    return pageOf(await this.events.list(instanceId, request), request, (event) => event);
  }
}

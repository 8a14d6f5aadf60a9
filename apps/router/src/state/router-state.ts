import path from 'node:path';
import {
  type AccountState,
  accountState,
  HEADER,
  type InstanceHealth,
  instanceHealth,
  type InstanceRecord,
  instanceRecord,
  type KeyState,
  keyState,
  NO_PRICES,
  type PlatformModelRecord,
  platformModelRecord,
  type Prices,
  pricesFromDto,
  type PriceState,
  priceState,
  projectionPage,
  PROJECTIONS,
  type RegionRecord,
  regionRecord,
  TOPIC,
} from '@ecolink/contracts';
import { type Logger } from '@ecolink/runtime';
import { InternalClient, type Readiness } from '@ecolink/service-kit';
import { fileCache, Projection, type ProjectionOptions, type SharedTotals, type Versioned } from '@ecolink/shared-state';
import { AccountBudget, SpendingExtremes } from '../admission/account-budget.js';
import { compileAllowance } from '../admission/key-allowance.js';
import type { RouterConfig } from '../config.js';
import { SharedValues } from './shared-values.js';

/** Beyond this age the router says that it serves on old state; three refreshes were missed. */
const DEGRADED_AGE_MS = 35_000;
/** Where calls go is refreshed more often than who may make them: the gateway's own refresh and probes come before it. */
const ROUTING_REFRESH_MS = 5_000;

/**
 * All that a call is decided by, in memory: keys, accounts, prices, instances, platform models, regions, health. Each is
 * a projection of its owner's state, kept fresh by pushes and by a refresh every 10 s.
 */
export class RouterState {
  readonly keys: Projection<KeyState>;
  readonly accounts: Projection<AccountState>;
  readonly prices: Projection<PriceState>;
  readonly instances: Projection<InstanceRecord>;
  readonly platformModels: Projection<PlatformModelRecord>;
  readonly regions: Projection<RegionRecord>;
  readonly health: Projection<InstanceHealth>;
  readonly extremes = new SpendingExtremes();
  private readonly budgets = new Map<string, AccountBudget>();
  private readonly instancesByAccount = new Map<string, Map<number, InstanceRecord>>();
  private readonly parsedPrices = new Map<string, Prices>();
  private readonly clients: InternalClient[];

  constructor(
    private readonly config: RouterConfig,
    private readonly usageSource: string,
    private readonly logger: Logger,
    private readonly shared: SharedTotals,
  ) {
    const billing = new InternalClient(config.authBillingUrl, config.internalSecret, () => this.identity());
    const registry = new InternalClient(config.instanceRegistryUrl, config.internalSecret);
    const checker = new InternalClient(config.healthCheckerUrl, config.internalSecret);
    this.clients = [billing, registry, checker];
    const values = new SharedValues();
    this.keys = this.project(billing, PROJECTIONS.keys, {
      name: 'keys',
      schema: keyState.transform((key) => compileAllowance(values.of(key))),
      keyOf: (key) => key.key_hash,
    });
    this.accounts = this.project(billing, PROJECTIONS.accounts, {
      name: 'accounts',
      schema: accountState,
      keyOf: (account) => account.account_id,
      onChange: (account) => this.applyAccount(account),
    });
    this.prices = this.project(billing, PROJECTIONS.prices, {
      name: 'prices',
      schema: priceState,
      keyOf: (price) => price.target,
      onChange: (price) => void this.parsedPrices.set(price.target, pricesFromDto(price.prices)),
    });
    this.instances = this.project(registry, PROJECTIONS.instances, {
      name: 'instances',
      refreshIntervalMs: ROUTING_REFRESH_MS,
      schema: instanceRecord,
      keyOf: (instance) => String(instance.instance_id),
      onChange: (instance) => this.indexInstance(instance),
    });
    this.platformModels = this.project(registry, PROJECTIONS.platformModels, {
      name: 'platform-models',
      schema: platformModelRecord,
      keyOf: (model) => model.platform_model_id,
    });
    this.regions = this.project(registry, PROJECTIONS.regions, {
      name: 'regions',
      refreshIntervalMs: ROUTING_REFRESH_MS,
      schema: regionRecord,
      keyOf: (region) => region.region,
    });
    this.health = this.project(checker, PROJECTIONS.health, {
      name: 'health',
      refreshIntervalMs: ROUTING_REFRESH_MS,
      schema: instanceHealth,
      keyOf: (health) => String(health.instance_id),
    });
  }

  get all(): readonly Projection<Versioned>[] {
    return [
      this.keys,
      this.accounts,
      this.prices,
      this.instances,
      this.platformModels,
      this.regions,
      this.health,
    ] as unknown as Projection<Versioned>[];
  }

  /** Which projection a topic's events belong to. */
  projectionOf(topic: string): Projection<Versioned> | undefined {
    const byTopic: Record<string, unknown> = {
      [TOPIC.keyChanged]: this.keys,
      [TOPIC.accountChanged]: this.accounts,
      [TOPIC.priceChanged]: this.prices,
      [TOPIC.instanceChanged]: this.instances,
      [TOPIC.modelChanged]: this.platformModels,
      [TOPIC.regionChanged]: this.regions,
      [TOPIC.instanceHealthChanged]: this.health,
    };
    return byTopic[topic] as Projection<Versioned> | undefined;
  }

  async start(): Promise<void> {
    await Promise.all(this.all.map((projection) => projection.start()));
  }

  async stop(): Promise<void> {
    for (const projection of this.all) projection.stop();
    await Promise.all(this.clients.map((client) => client.close()));
  }

  registerReadiness(readiness: Readiness): void {
    for (const projection of this.all) {
      readiness.register(projection.name, () => {
        if (!projection.isLoaded) return 'not loaded yet';
        return this.isTooOld(projection) ? `last confirmed ${ageText(projection)} ago` : undefined;
      });
      readiness.registerDegraded(projection.name, () =>
        projection.ageMs() > DEGRADED_AGE_MS ? `last confirmed ${ageText(projection)} ago` : undefined,
      );
    }
  }

  account(accountId: string): AccountBudget | undefined {
    return this.budgets.get(accountId);
  }

  pricesOf(target: string): Prices {
    return this.parsedPrices.get(target) ?? NO_PRICES;
  }

  instancesOf(accountId: string): readonly InstanceRecord[] {
    return [...(this.instancesByAccount.get(accountId)?.values() ?? [])];
  }

  /** A copy from disk is served while the owner is down, however old; without one, only up to the limit. */
  private isTooOld(projection: Projection<Versioned>): boolean {
    return (
      Number.isFinite(projection.ageMs()) &&
      projection.ageMs() > this.config.limits.stateAgeMaxMs &&
      projection.ageMs() < Date.now() - 1
    );
  }

  /** For operators, who see which routers live and how old their state is. */
  private identity(): Record<string, string> {
    const ages = this.all.filter((projection) => Number.isFinite(projection.ageMs()));
    const text = ages.map((projection) => `${projection.name}=${Math.round(projection.ageMs())}`).join(';');
    return { [HEADER.router]: this.config.routerId, [HEADER.stateAges]: text };
  }

  private applyAccount(account: AccountState): void {
    const budget = this.budgets.get(account.account_id);
    if (budget === undefined)
      this.budgets.set(account.account_id, new AccountBudget(account, this.usageSource, this.shared, this.extremes));
    else budget.apply(account);
  }

  private indexInstance(instance: InstanceRecord): void {
    if (instance.account_id === null) return;
    let own = this.instancesByAccount.get(instance.account_id);
    if (own === undefined) this.instancesByAccount.set(instance.account_id, (own = new Map<number, InstanceRecord>()));
    own.set(instance.instance_id, instance);
  }

  private project<Item extends Versioned>(
    owner: InternalClient,
    route: string,
    options: Omit<ProjectionOptions<Item>, 'fetchPage'>,
  ): Projection<Item> {
    return new Projection<Item>({
      ...options,
      fetchPage: async (query) => projectionPage.parse(await owner.get(route, { ...query })),
      cache: fileCache(path.join(this.config.dataDirectory, 'state', `${options.name}.jsonl`)),
      onError: (error) => this.logger.warn({ event: 'state.refresh_failed', projection: options.name, err: String(error) }),
      onCopyChange: (failure) =>
        failure === undefined
          ? this.logger.info({ event: 'state.copy_saved_again', projection: options.name })
          : this.logger.error({ event: 'state.copy_not_saved', projection: options.name, err: failure }),
    });
  }
}

function ageText(projection: Projection<Versioned>): string {
  const ageMs = projection.ageMs();
  return Number.isFinite(ageMs) ? `${Math.round(ageMs / 1000)} s` : 'an unknown time';
}

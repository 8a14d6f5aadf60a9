import { deploymentObserved, projectionPage, PROJECTIONS, type RegionRecord, regionRecord, TOPIC } from '@ecolink/contracts';
import type { EventBatch } from '@ecolink/messaging';
import { type Logger } from '@ecolink/runtime';
import { InternalClient, observedGauge } from '@ecolink/service-kit';
import { Projection } from '@ecolink/shared-state';
import type { RegionVerdict } from './region-view.js';
import { RegionWatch } from './region-watch.js';

export interface RegionsOptions {
  readonly registryUrl: string;
  readonly internalSecret: string;
  readonly logger: Logger;
  /** Something may have to be published. */
  readonly onReading: () => void;
}

/** The active regions and what their gateways say. */
export class Regions {
  readonly #watches = new Map<string, RegionWatch>();
  readonly #client: InternalClient;
  readonly #projection: Projection<RegionRecord>;

  constructor(private readonly options: RegionsOptions) {
    this.#client = new InternalClient(options.registryUrl, options.internalSecret);
    this.#projection = new Projection<RegionRecord>({
      name: 'regions',
      schema: regionRecord,
      keyOf: (region) => region.region,
      fetchPage: async ({ since, after, limit }) =>
        projectionPage.parse(await this.#client.get(PROJECTIONS.regions, { since, after, limit })),
      onChange: (region) => this.#follow(region),
      onError: (error) =>
        options.logger.warn({ event: 'regions.not_read', reason: error instanceof Error ? error.message : String(error) }),
    });
  }

  /** False until the registry has told which regions there are: before that, nothing is known to be gone. */
  get isLoaded(): boolean {
    return this.#projection.isLoaded;
  }

  /** Of active regions only. */
  get verdicts(): ReadonlyMap<string, RegionVerdict> {
    return new Map([...this.#watches].map(([region, watch]) => [region, watch.verdict]));
  }

  start(): Promise<void> {
    observedGauge(
      { name: 'ecolink_gateway_reading_age_seconds', help: 'Seconds since a gateway last answered', labelNames: ['region'] },
      'health-checker',
      () =>
        [...this.#watches].flatMap(([region, { readAtMs }]) =>
          readAtMs === undefined ? [] : [{ labels: { region }, value: (Date.now() - readAtMs) / 1_000 }],
        ),
    );
    return this.#projection.start();
  }

  /** Takes what the bus tells: changed regions, and gateways that have seen something. */
  async take(batch: EventBatch): Promise<void> {
    for (const event of batch.events) {
      if (event.topic === TOPIC.regionChanged) this.#projection.applyPush(event.data);
      const observed = event.topic === TOPIC.deploymentObserved ? deploymentObserved.safeParse(event.data).data : undefined;
      if (observed !== undefined) this.#watches.get(observed.region)?.readNow();
    }
  }

  async stop(): Promise<void> {
    this.#projection.stop();
    await Promise.all([this.#client.close(), ...[...this.#watches.values()].map((watch) => watch.stop())]);
  }

  #follow(region: RegionRecord): void {
    const present = this.#watches.get(region.region);
    const isActive = region.state === 'active';
    if (isActive && present?.gatewayUrl === region.gateway_url) return;
    void present?.stop();
    this.#watches.delete(region.region);
    if (isActive) {
      const { internalSecret, onReading } = this.options;
      this.#watches.set(region.region, new RegionWatch(region.region, region.gateway_url, internalSecret, onReading));
    }
    this.options.onReading();
  }
}

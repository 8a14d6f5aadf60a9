import { gatewayDeployment, type GatewayDeployment, projectionPage } from '@ecolink/contracts';
import { type Logger } from '@ecolink/runtime';
import { InternalClient } from '@ecolink/service-kit';
import { Projection } from '@ecolink/shared-state';

export interface DeploymentFeedOptions {
  readonly registryUrl: string;
  readonly internalSecret: string;
  readonly region: string;
  readonly logger: Logger;
  readonly onDeployment: (deployment: GatewayDeployment) => void;
}

/** An instance's change is mostly one of several; one question covers them. */
const DEBOUNCE_MS = 50;
/** The first of three refreshes between a launch and its first call where no push arrives: all within 11 s. */
const REFRESH_INTERVAL_MS = 2_000;

/** What the registry wants to run in this region: all of it first, then every change. While it is down, what is known stands. */
export class DeploymentFeed {
  readonly #client: InternalClient;
  readonly #projection: Projection<GatewayDeployment>;
  #timer: NodeJS.Timeout | undefined;
  #refreshing = false;
  #stopped = false;

  constructor(options: DeploymentFeedOptions) {
    this.#client = new InternalClient(options.registryUrl, options.internalSecret);
    const path = `/internal/gateways/${encodeURIComponent(options.region)}/deployments`;
    this.#projection = new Projection<GatewayDeployment>({
      name: 'deployments',
      schema: gatewayDeployment,
      keyOf: (deployment) => String(deployment.instance_id),
      refreshIntervalMs: REFRESH_INTERVAL_MS,
      fetchPage: async ({ since, after, limit }) => projectionPage.parse(await this.#client.get(path, { since, after, limit })),
      onChange: options.onDeployment,
      onError: (error) =>
        options.logger.warn({ event: 'deployments.not_read', reason: error instanceof Error ? error.message : String(error) }),
    });
  }

  /** True once the registry has told everything at least once. */
  get isLoaded(): boolean {
    return this.#projection.isLoaded;
  }

  /** Infinite before the first time. */
  ageMs(): number {
    return this.#projection.ageMs();
  }

  start(): Promise<void> {
    return this.#projection.start();
  }

  /** Something has changed: asks within moments. */
  readNow(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#refresh(), DEBOUNCE_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#projection.stop();
    await this.#client.close();
  }

  async #refresh(): Promise<void> {
    this.#timer = undefined;
    // A change that comes while an answer is on its way may not be in it: it is asked for again.
    if (this.#refreshing) {
      this.readNow();
      return;
    }
    this.#refreshing = true;
    await this.#projection.refresh();
    this.#refreshing = false;
  }
}

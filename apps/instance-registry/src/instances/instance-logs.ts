import { ApiError, gatewayLogs, type InstanceLogs } from '@ecolink/contracts';
import { InternalClient } from '@ecolink/service-kit';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { RegionsStore } from '../regions/regions.store.js';
import type { StoredInstance } from './instance.js';

/** Injection token of the secret between services. */
export const GATEWAY_SECRET = Symbol('GATEWAY_SECRET');

/** Regions are few; their gateways' addresses change rarely. */
const CLIENTS_MAX = 256;

/** Asks the gateways of an instance's regions what its pods wrote. */
@Injectable()
export class ReadInstanceLogs implements OnApplicationShutdown {
  private readonly clients = new Map<string, InternalClient>();

  constructor(
    @Inject(RegionsStore) private readonly regions: RegionsStore,
    @Inject(GATEWAY_SECRET) private readonly secret: string,
  ) {}

  async read(instance: StoredInstance, linesMax: number): Promise<InstanceLogs> {
    const urls = new Map((await this.regions.all()).map((region) => [region.code, region.gatewayUrl]));
    const wanted = instance.deployments.filter((deployment) => deployment.replicas > 0);
    const read = async ({ region, driver }: (typeof wanted)[number]): Promise<InstanceLogs['deployments'][number]> => {
      const url = urls.get(region);
      if (driver === 'external' || url === undefined) return { region, problem: null, pods: [] };
      try {
        const answer = gatewayLogs.parse(await this.clientOf(url).get(`/logs/${instance.id}`, { lines: linesMax }));
        return { region, problem: null, pods: answer.pods.map(({ pod_id: id, lines }) => ({ id, lines })) };
      } catch (error) {
        const isDown = error instanceof ApiError && error.code === 'service_unavailable';
        return { region, problem: isDown ? 'the region gateway does not answer' : 'the logs cannot be read now', pods: [] };
      }
    };
    return { deployments: await Promise.all(wanted.map(read)) };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.close()));
  }

  private clientOf(url: string): InternalClient {
    const known = this.clients.get(url);
    if (known !== undefined) return known;
    const [oldest] = this.clients;
    if (this.clients.size >= CLIENTS_MAX && oldest !== undefined) {
      this.clients.delete(oldest[0]);
      void oldest[1].close();
    }
    const client = new InternalClient(url, this.secret);
    this.clients.set(url, client);
    return client;
  }
}

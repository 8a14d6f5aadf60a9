import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';

export interface CountOf {
  readonly label: string;
  readonly count: number;
}

@Injectable()
export class RegistryMetricsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** One row an instance, terminated ones included. */
  countInstances(): Promise<CountOf[]> {
    return this.database.client.$queryRaw`SELECT state AS label, count(*)::integer AS count FROM instances GROUP BY state`;
  }

  /** Regions and the replicas that their gateways shall run. */
  countReplicas(): Promise<CountOf[]> {
    return this.database.client.$queryRaw`
      SELECT region AS label, sum(replicas)::integer AS count FROM deployments WHERE replicas > 0 GROUP BY region`;
  }
}

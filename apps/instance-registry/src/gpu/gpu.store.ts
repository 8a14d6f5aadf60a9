import { ApiError, drivers, type Driver, type PutGpuType } from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';

export interface GpuTypeRow {
  readonly name: string;
  readonly hourlyRateNanoUsd: bigint;
  /** Of one GPU, in 10⁹ bytes. */
  readonly memoryGb: number | null;
}

export interface CapacityRow {
  readonly gpuType: string;
  readonly region: string;
  readonly gpus: number;
  readonly gpusFree: number;
}

export interface LaunchRegion {
  readonly region: string;
  readonly driver: Driver;
  readonly driverConfig: Readonly<Record<string, unknown>>;
  readonly gpusFree: number;
}

@Injectable()
export class GpuStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async types(): Promise<readonly GpuTypeRow[]> {
    return this.database.client.gpuType.findMany({ orderBy: { name: 'asc' } });
  }

  async type(name: string): Promise<GpuTypeRow | undefined> {
    return (await this.database.client.gpuType.findUnique({ where: { name } })) ?? undefined;
  }

  /** Throws 400 for the first region that there is not. */
  async checkRegions(codes: readonly string[]): Promise<void> {
    const rows = await this.database.client.region.findMany({
      where: { code: { in: [...codes] }, deletedAt: null },
      select: { code: true },
    });
    const known = new Set(rows.map(({ code }) => code));
    const place = codes.findIndex((code) => !known.has(code));
    if (place >= 0)
      throw new ApiError('invalid_request', `there is no region "${codes[place]}"`, { param: `capacity[${place}].region` });
  }

  /** Makes the type where there is none. Its memory and capacity stay as they are unless they are given. */
  async put(name: string, { capacity, memory_gb: memoryGb }: Pick<PutGpuType, 'capacity' | 'memory_gb'>): Promise<void> {
    const memory = memoryGb === undefined ? {} : { memoryGb };
    await this.database.transaction(async (transaction) => {
      await transaction.gpuType.upsert({ where: { name }, create: { name, hourlyRateNanoUsd: 0n, ...memory }, update: memory });
      if (capacity === undefined) return;
      await this.lockCapacity(transaction, name);
      await transaction.gpuCapacity.deleteMany({
        where: { gpuType: name, region: { notIn: capacity.map(({ region }) => region) } },
      });
      for (const { region, gpus } of capacity)
        await transaction.gpuCapacity.upsert({
          where: { gpuType_region: { gpuType: name, region } },
          create: { gpuType: name, region, gpus },
          update: { gpus },
        });
    });
  }

  /** Locks the type's capacity, so that two launches do not take the same GPU. */
  async lockCapacity(transaction: Transaction, gpuType: string): Promise<void> {
    await transaction.$queryRaw`SELECT 1 FROM gpu_capacity WHERE gpu_type = ${gpuType} ORDER BY region FOR UPDATE`;
  }

  /** GPUs of running or starting instances are taken; those of stopped ones are free. */
  async capacity(transaction: Transaction = this.database.client): Promise<readonly CapacityRow[]> {
    return transaction.$queryRaw<CapacityRow[]>`
      SELECT capacity.gpu_type AS "gpuType", capacity.region, capacity.gpus,
             greatest(0, capacity.gpus - coalesce(taken.gpus, 0))::integer AS "gpusFree"
      FROM gpu_capacity AS capacity
      LEFT JOIN (
        SELECT instances.gpu_type, deployments.region, sum(instances.gpu_count * deployments.replicas) AS gpus
        FROM instances JOIN deployments ON deployments.instance_id = instances.id
        WHERE instances.gpu_type IS NOT NULL AND instances.state NOT IN ('stopped', 'terminated')
          AND NOT (instances.state = 'failed' AND instances.desired_state <> 'running')
        GROUP BY instances.gpu_type, deployments.region
      ) AS taken ON taken.gpu_type = capacity.gpu_type AND taken.region = capacity.region
      ORDER BY capacity.gpu_type, capacity.region`;
  }

  /** Active regions that can run pods on this type, with what is free there. */
  async launchRegions(gpuType: string, transaction: Transaction = this.database.client): Promise<readonly LaunchRegion[]> {
    const [capacity, regions] = [
      await this.capacity(transaction),
      await transaction.region.findMany({ where: { state: 'active' } }),
    ];
    return regions.flatMap((region) => {
      const here = capacity.find((entry) => entry.gpuType === gpuType && entry.region === region.code);
      const driver = drivers.parse(region.driver);
      if (here === undefined || driver === 'external') return [];
      const driverConfig = region.driverConfig as Record<string, unknown>;
      return [{ region: region.code, driver, driverConfig, gpusFree: here.gpusFree }];
    });
  }
}

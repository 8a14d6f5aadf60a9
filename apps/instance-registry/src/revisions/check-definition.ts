import { ApiError, drivers, type InstanceDefinition, type UpdateInstance } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { GpuStore, type LaunchRegion } from '../gpu/gpu.store.js';
import type { DeploymentDraft, StoredInstance } from '../instances/instance.js';
import { regionsForImage } from '../instances/refuse-template.js';
import { KeepQuotas } from '../quotas/keep-quotas.js';
import type { Quotas } from '../quotas/quotas.js';

/** Whether regions, drivers and the plan allow a definition of an instance on GPUs. */
@Injectable()
export class CheckDefinition {
  constructor(
    @Inject(GpuStore) private readonly gpus: GpuStore,
    @Inject(KeepQuotas) private readonly quotas: KeepQuotas,
  ) {}

  /** Gives the deployments that differ from those that are there. Room is looked for when the instance is started. */
  async check(
    transaction: Transaction,
    instance: StoredInstance,
    { definition, change }: { readonly definition: InstanceDefinition; readonly change: UpdateInstance },
    quotas: Quotas,
  ): Promise<readonly DeploymentDraft[]> {
    const { gpu_type: gpuType, image } = definition;
    if (gpuType === null || image === null || instance.accountId === null) return [];
    if ((await this.gpus.type(gpuType)) === undefined) throw refused('gpu_type', `there is no GPU type "${gpuType}"`);
    const wanted = Object.entries(definition.replicas);
    const regions = await this.gpus.launchRegions(gpuType, transaction);
    const here = wanted.flatMap(([region]) => regions.find((entry) => entry.region === region) ?? []);
    if (change.replicas !== undefined || change.gpu_type !== undefined) refuseUnknown(definition, regions);
    const fit = regionsForImage({ image, args: definition.args, envNames: definition.env_names }, here);
    if (fit.length < here.length) throw refused('image', `not every region of the instance runs "${image}"`);
    if (change.replicas === undefined) return [];
    const pods = wanted.reduce((sum, [, count]) => sum + count, 0);
    await this.quotas.pods(transaction, instance.accountId, instance.id, pods, quotas);
    return draftsOf(instance, definition, regions);
  }
}

function refuseUnknown({ replicas, gpu_type: gpuType }: InstanceDefinition, regions: readonly LaunchRegion[]): void {
  const unknown = Object.keys(replicas).find((region) => !regions.some((entry) => entry.region === region));
  if (unknown !== undefined)
    throw refused(`replicas.${unknown}`, `no active region "${unknown}" has GPUs of type ${gpuType ?? ''}`);
}

/** A region that is left keeps a deployment without replicas, so that its gateway hears of it. */
function draftsOf(
  instance: StoredInstance,
  { replicas }: InstanceDefinition,
  regions: readonly LaunchRegion[],
): readonly DeploymentDraft[] {
  const left = instance.deployments.filter(({ region }) => replicas[region] === undefined);
  return [
    ...left.map(({ region, driver }) => ({ region, driver, replicas: 0, pods: [] })),
    ...regions.flatMap(({ region, driver }) => {
      const count = replicas[region];
      return count === undefined ? [] : [{ region, driver: drivers.parse(driver), replicas: count, pods: [] }];
    }),
  ];
}

function refused(param: string, message: string): ApiError {
  return new ApiError('invalid_request', `${param}: ${message}`, { param });
}

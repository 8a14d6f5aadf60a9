import { ApiError, type PutPlatformModel } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { DeploymentDraft, StoredDeployment } from '../instances/instance.js';
import { PlacePods } from '../pods/place-pods.js';
import { RegionsStore } from '../regions/regions.store.js';
import type { Placing } from './platform-instance.js';

/** Says where a platform model shall run: on servers that already run, or in simulated pods. */
@Injectable()
export class PlatformPlacement {
  constructor(
    @Inject(PlacePods) private readonly placePods: PlacePods,
    @Inject(RegionsStore) private readonly regions: RegionsStore,
  ) {}

  /** Checks regions and addresses; what it returns only has to be joined with what is there. */
  async check(body: Pick<PutPlatformModel, 'pods' | 'simulated'>): Promise<Placing> {
    const { simulated } = body;
    if (simulated !== undefined) {
      await this.refuseUnknownRegions(simulated.regions);
      return (before) => simulatedDrafts(simulated.regions, simulated.replicas_per_region, before);
    }
    if (body.pods === undefined) return undefined;
    const pods = await this.placePods.check(body.pods, null, null);
    return (before) => this.placePods.draft(pods, before);
  }

  private async refuseUnknownRegions(regions: readonly string[]): Promise<void> {
    const known = new Set((await this.regions.all()).map((region) => region.code));
    for (const [index, region] of regions.entries()) {
      const param = `simulated.regions[${index}]`;
      if (!known.has(region)) throw new ApiError('invalid_request', `${param}: there is no region "${region}"`, { param });
    }
  }
}

function simulatedDrafts(
  regions: readonly string[],
  replicas: number,
  before: readonly StoredDeployment[],
): readonly DeploymentDraft[] {
  const all = [...new Set([...regions, ...before.map((deployment) => deployment.region)])].sort();
  return all.map((region) => ({ region, driver: 'simulated', replicas: regions.includes(region) ? replicas : 0, pods: [] }));
}

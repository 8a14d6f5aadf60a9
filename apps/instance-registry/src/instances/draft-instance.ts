import { drivers, type HoldView } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { pinnedRegionOf } from '../models/model-source.js';
import { PlacePods } from '../pods/place-pods.js';
import type { Transaction } from '@ecolink/database';
import { SecretBox } from '../secrets/secret-box.js';
import type { InstanceDraft } from './instance.js';
import type { LaunchPlan } from './plan-instance.js';
import type { PlacedRegion } from './plan-launch.js';

/** Puts a checked launch into the shape that is stored. The model's name and category are copied: an instance keeps them. */
@Injectable()
export class DraftInstance {
  constructor(
    @Inject(PlacePods) private readonly placePods: PlacePods,
    @Inject(SecretBox) private readonly box: SecretBox,
  ) {}

  /** The pods' places are taken, or refused, for as long as the transaction lasts. */
  async external(transaction: Transaction, accountId: string, plan: LaunchPlan & { kind: 'external' }): Promise<InstanceDraft> {
    await this.placePods.refuseTaken(accountId, plan.pods, transaction);
    const none = {
      gpuType: null,
      gpuCount: null,
      image: null,
      args: [],
      envEncrypted: null,
      hourlyRateNanoUsd: 0n,
      holdNanoUsd: 0n,
      cycleEndsAt: null,
    };
    return { ...commonFields(accountId, plan), ...none, deployments: this.placePods.draft(plan.pods, []) };
  }

  gpu(accountId: string, plan: LaunchPlan & { kind: 'gpu' }, regions: readonly PlacedRegion[], hold: HoldView): InstanceDraft {
    const { body, type } = plan;
    return {
      ...commonFields(accountId, plan),
      gpuType: type.name,
      gpuCount: body.gpu_count,
      image: body.image,
      args: body.args,
      envNames: Object.keys(body.env ?? {}),
      envEncrypted: body.env === undefined ? null : this.box.seal(JSON.stringify(body.env), ENVIRONMENT_PLACE),
      hourlyRateNanoUsd: BigInt(hold.hourly_rate_nano_usd),
      holdNanoUsd: BigInt(hold.hold_nano_usd),
      cycleEndsAt: new Date(hold.cycle_ends_at),
      deployments: regions.map((entry) => ({
        region: entry.region,
        driver: drivers.parse(entry.driver),
        replicas: entry.replicas,
        pods: [],
      })),
    };
  }
}

/** Environments are sealed before their instance has a number. */
export const ENVIRONMENT_PLACE = 'instance-environment';

function commonFields(accountId: string, { model, body }: LaunchPlan) {
  return {
    kind: 'own' as const,
    accountId,
    platformModelId: null,
    modelId: model.id,
    modelName: model.name,
    servedModelName: model.servedModelName,
    name: body.name ?? model.name,
    category: model.category,
    openaiCompatible: body.openai_compatible,
    customApiPath: body.custom_api_path ?? null,
    healthPath: body.health_path ?? null,
    injectStreamUsage: body.inject_stream_usage,
    strategy: body.strategy,
    pinnedRegion: pinnedRegionOf(model.source),
    desiredState: 'running' as const,
  };
}

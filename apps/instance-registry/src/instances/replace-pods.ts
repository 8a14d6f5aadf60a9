import { ApiError, type ReplacePods } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { PlacePods } from '../pods/place-pods.js';
import { KeepQuotas } from '../quotas/keep-quotas.js';
import { InstanceActions } from './instance-actions.js';
import { InstanceChangesStore } from './instance-changes.store.js';
import { isExternal, type StoredInstance } from './instance.js';
import type { Launcher } from './launch-instance.js';

/** Gives an external instance other servers. */
@Injectable()
export class ReplaceInstancePods {
  constructor(
    @Inject(InstanceActions) private readonly actions: InstanceActions,
    @Inject(InstanceChangesStore) private readonly changes: InstanceChangesStore,
    @Inject(PlacePods) private readonly placePods: PlacePods,
    @Inject(KeepQuotas) private readonly quotas: KeepQuotas,
  ) {}

  async replace({ accountId, quotas, actor }: Launcher, id: number | undefined, body: ReplacePods): Promise<StoredInstance> {
    const scope = { accountId };
    const found = await this.actions.find(scope, id);
    assertReplaceable(found);
    const pods = await this.placePods.check(body.pods, found.pinnedRegion, accountId);
    return this.actions.change(scope, id, async (instance, transaction) => {
      assertReplaceable(instance);
      await this.placePods.refuseTaken(accountId, pods, transaction);
      await this.quotas.pods(transaction, accountId, instance.id, pods.length, quotas);
      for (const draft of this.placePods.draft(pods, instance.deployments))
        await this.changes.putDeployment(transaction, instance.id, draft);
      return { kind: 'pods_replaced', audit: { actor, action: 'instance.pods_replaced' } };
    });
  }
}

function assertReplaceable(instance: StoredInstance): void {
  if (!isExternal(instance))
    throw new ApiError('invalid_state', `instance ${instance.id} runs on GPUs; only external pods can be replaced`);
  if (instance.lifecycle.desiredState === 'terminated')
    throw new ApiError('invalid_state', `instance ${instance.id} is terminated`);
}

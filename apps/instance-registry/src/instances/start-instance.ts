import type { Transaction } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { KeepQuotas } from '../quotas/keep-quotas.js';
import type { Quotas } from '../quotas/quotas.js';
import { RevisionsStore } from '../revisions/revisions.store.js';
import { CLOCK, type Clock } from '../settings.js';
import { ChangeInstance, LAUNCHED } from './change-instance.js';
import { InstanceChangesStore } from './instance-changes.store.js';
import type { InstanceDraft, StoredInstance } from './instance.js';

/** Writes a new instance with its first history row and event. */
@Injectable()
export class StartInstance {
  constructor(
    @Inject(InstanceChangesStore) private readonly changes: InstanceChangesStore,
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
    @Inject(KeepQuotas) private readonly quotas: KeepQuotas,
    @Inject(RevisionsStore) private readonly revisions: RevisionsStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A number that no other instance gets, for what must know it before the instance is. */
  reserveId(): Promise<number> {
    return this.changes.reserveId();
  }

  exists(id: number): Promise<boolean> {
    return this.changes.exists(id);
  }

  /** `launcher`: whose instance it becomes; platform models have none. `reservedId`: what its hold was taken for. */
  async start(
    transaction: Transaction,
    draft: InstanceDraft,
    launcher?: { readonly quotas: Quotas; readonly actor: Actor },
    reservedId?: number,
  ): Promise<StoredInstance> {
    if (draft.accountId !== null && launcher !== undefined) {
      const pods = draft.deployments.reduce((sum, deployment) => sum + deployment.replicas, 0);
      await this.quotas.instance(transaction, draft.accountId, pods, launcher.quotas);
    }
    const id = await this.changes.insert(transaction, draft, this.clock(), reservedId);
    if (draft.kind === 'own') await this.revisions.insertFirst(transaction, id, draft, launcher?.actor.id ?? null);
    const audit = launcher === undefined ? undefined : { actor: launcher.actor, action: 'instance.launched' };
    const launched = await this.changer.changeWithin(transaction, id, () => Promise.resolve({ kind: LAUNCHED, audit }));
    if (launched === undefined || launched === 'changed-meanwhile')
      throw new Error(`instance ${id} changed before it was committed`);
    return launched;
  }
}

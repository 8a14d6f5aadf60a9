import type { HoldState } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { ChangeInstance } from '../instances/change-instance.js';
import { HoldsStore } from './holds.store.js';

/**
 * Takes what auth-billing says of a run's hold: rate, amount and end of the cycle are shown with the instance, and a run without
 * credit ends for good. Words on an earlier run, and repeated ones, change nothing.
 */
@Injectable()
export class FollowHold {
  constructor(
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
    @Inject(HoldsStore) private readonly holds: HoldsStore,
  ) {}

  async follow(hold: HoldState): Promise<void> {
    await this.changer.change(hold.instance_id, async (instance, transaction) => {
      if (instance.kind !== 'own' || instance.run !== hold.run || instance.holdVersion >= hold.version) return undefined;
      await this.holds.save(transaction, hold);
      if (hold.status !== 'depleted' || instance.lifecycle.desiredState === 'terminated') return undefined;
      return {
        kind: 'credit_depleted',
        desiredState: 'terminated',
        terminationReason: 'credit_depleted',
        actionReason: NO_CREDIT,
      };
    });
  }
}

const NO_CREDIT = 'The balance does not cover another hold';

import type { HoldView, PutHold } from '@ecolink/contracts';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable } from '@nestjs/common';
import { Billing } from './billing.js';

/** Money before capacity: a run begins only while its hold stands. */
@Injectable()
export class HoldRun {
  private readonly logger = createLogger('instance-registry');

  constructor(@Inject(Billing) private readonly billing: Billing) {}

  /**
   * Takes the hold, then begins the run. Where the run does not begin the hold goes back at once; where this process dies in
   * between, auth-billing gives back what no `instance.changed` confirms.
   * `began`: whether the run has begun all the same, by another caller.
   */
  async begin<T>(
    run: { readonly instanceId: number; readonly run: number; readonly capacity: PutHold },
    start: (hold: HoldView) => Promise<T>,
    began: () => Promise<boolean>,
  ): Promise<T> {
    const hold = await this.billing.takeHold(run.instanceId, run.run, run.capacity);
    try {
      return await start(hold);
    } catch (error) {
      await this.giveBack(run, began);
      throw error;
    }
  }

  private async giveBack(run: { instanceId: number; run: number }, began: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await began())) await this.billing.dropHold(run.instanceId, run.run);
    } catch (error) {
      this.logger.warn({ event: 'hold.not_dropped', instance_id: run.instanceId, run: run.run, err: error });
    }
  }
}

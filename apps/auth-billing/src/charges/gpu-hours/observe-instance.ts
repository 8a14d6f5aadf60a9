import type { InstanceRecord } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';
import { accrue, wholeMs } from './accrue.js';
import { changeHold, type DecidedStep, type HoldContext } from './change-hold.js';
import type { Hold } from './hold.js';
import { findHold, findNewestHold, isNewerVersion, meterReadyTime, readGpuRate } from './holds.store.js';
import { renew, settle, settleLate } from './run-cycles.js';

const OVER: readonly InstanceRecord['state'][] = ['stopped', 'terminated', 'failed'];

/** Takes what instances say of themselves: it confirms holds, meters ready time and ends runs. Old news changes nothing. */
@Injectable()
export class ObserveInstance {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async observe(record: InstanceRecord): Promise<void> {
    const { account_id: accountId } = record;
    if (record.kind !== 'own' || accountId === null) return;
    await changeHold(this.database, { accountId, now: this.clock() }, async (context) => {
      const { transaction } = context;
      if (!(await isNewerVersion(transaction, record.instance_id, record.version))) return undefined;
      const readyMs = await meterReadyTime(transaction, record.instance_id, readyMsOf(record));
      const hold = await this.holdOf(context, record);
      return hold === undefined ? undefined : this.stepOf(hold, record, readyMs, context);
    });
  }

  private holdOf({ transaction }: HoldContext, { instance_id: id, run }: InstanceRecord): Promise<Hold | undefined> {
    return run === undefined ? findNewestHold(transaction, id) : findHold(transaction, id, run);
  }

  private async stepOf(
    hold: Hold,
    record: InstanceRecord,
    readyMs: bigint,
    context: HoldContext,
  ): Promise<DecidedStep | undefined> {
    const isOver = OVER.includes(record.state);
    switch (hold.status) {
      case 'depleted':
        return undefined;
      case 'released':
        if (!isOver && record.desired_state === 'running') return this.reopen(hold, readyMs, context);
        return readyMs > hold.settledMs ? settleLate(hold, readyMs, context.now) : undefined;
      case 'pending':
      case 'held':
        return isOver ? settle(hold, readyMs, context.now) : accrue(hold, readyMs, replicasOf(record));
    }
  }

  /** An instance that runs though its hold was given back: it gets the next one, as far as there is credit. */
  private async reopen(hold: Hold, readyMs: bigint, { transaction, balance, now }: HoldContext): Promise<DecidedStep> {
    const hourlyRateNanoUsd = await readGpuRate(transaction, hold.gpuType, now);
    const ended = { ...hold, cycle: hold.cycle + 1, cycleEndsAt: now };
    return { ...renew(ended, { balance, readyMs, hourlyRateNanoUsd, periodMs: this.settings.holdPeriodMs }), before: hold };
  }
}

function replicasOf(record: InstanceRecord): number {
  return record.deployments.reduce((sum, deployment) => sum + deployment.pods_desired, 0);
}

function readyMsOf(record: InstanceRecord): ReadonlyMap<string, bigint> {
  return new Map(record.deployments.map(({ region, ready_replica_seconds: seconds }) => [region, wholeMs(seconds)]));
}

import type { DeploymentMetered } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../injection.js';
import { accrue, wholeMs } from './accrue.js';
import { changeHold, type DecidedStep } from './change-hold.js';
import type { Hold } from './hold.js';
import { type DeploymentTime, findHold, meterDeployments, readReadyTime } from './holds.store.js';
import { settleLate } from './run-cycles.js';

/** Takes ready time of instances of which nothing else is new. Old news changes nothing; what a crash left undone is done when it comes again. */
@Injectable()
export class MeterDeployments {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async meter(events: readonly DeploymentMetered[]): Promise<void> {
    const times = newestOf(events);
    if (times.length === 0) return;
    for (const { instanceId, run, accountId } of await meterDeployments(this.database, times)) {
      await changeHold(this.database, { accountId, now: this.clock() }, async ({ transaction, now }) => {
        const hold = await findHold(transaction, instanceId, run);
        return hold === undefined ? undefined : stepOf(hold, await readReadyTime(transaction, instanceId), now);
      });
    }
  }
}

/** Of a run that is not confirmed yet, or no more, the instance's own record says how it stands. */
function stepOf(hold: Hold, readyMs: bigint, now: Date): DecidedStep | undefined {
  switch (hold.status) {
    case 'held':
      return accrue(hold, readyMs, hold.replicas);
    case 'released':
      return readyMs > hold.settledMs ? settleLate(hold, readyMs, now) : undefined;
    case 'pending':
    case 'depleted':
      return undefined;
  }
}

function newestOf(events: readonly DeploymentMetered[]): readonly DeploymentTime[] {
  const newest = new Map<string, DeploymentTime>();
  for (const { region, deployments } of events) {
    for (const { instance_id: instanceId, ready_replica_seconds: seconds } of deployments) {
      const key = `${instanceId}/${region}`;
      const readyMs = wholeMs(seconds);
      if ((newest.get(key)?.readyMs ?? -1n) < readyMs) newest.set(key, { instanceId, region, readyMs });
    }
  }
  return [...newest.values()];
}

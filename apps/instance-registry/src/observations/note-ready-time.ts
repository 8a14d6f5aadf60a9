import { type BusEvent, type DeploymentMetered, type DeploymentObserved, newId, TOPIC } from '@ecolink/contracts';
import { appendEvents, Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, EVENT_SOURCE } from '../settings.js';
import { type NotedReadyTime, ReadyTimeStore } from './ready-time.store.js';

/**
 * Takes observations that nothing is new in but how long replicas have been ready, which is nearly all of them: no version of an instance
 * comes of them, and who bills the time is told of all of a batch together.
 */
@Injectable()
export class NoteReadyTime {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ReadyTimeStore) private readonly store: ReadyTimeStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns the observations that something else is new in, in order. */
  async takeFrom(observations: readonly DeploymentObserved[]): Promise<readonly DeploymentObserved[]> {
    // Of a deployment that was observed several times each step may be one of its own.
    const once = [...Map.groupBy(observations, keyOf).values()].flatMap((each) => (each.length === 1 ? each : []));
    if (once.length === 0) return observations;
    const noted = await this.database.transaction(async (transaction) => {
      const rows = await this.store.note(transaction, once);
      await appendEvents(transaction, meteredEvents(rows, this.clock()));
      return rows;
    });
    const taken = new Set(noted.map(({ instanceId, region }) => keyOf({ instance_id: instanceId, region })));
    return observations.filter((observed) => !taken.has(keyOf(observed)));
  }
}

function keyOf({ instance_id: instanceId, region }: Pick<DeploymentObserved, 'instance_id' | 'region'>): string {
  return `${instanceId}/${region}`;
}

function meteredEvents(noted: readonly NotedReadyTime[], now: Date): BusEvent<DeploymentMetered>[] {
  const regions = Map.groupBy(
    noted.filter(({ isMetered }) => isMetered),
    ({ region }) => region,
  );
  return [...regions].map(([region, rows]) => ({
    id: newId('evt', now.getTime()),
    source: EVENT_SOURCE,
    topic: TOPIC.deploymentMetered,
    key: region,
    occurredAt: now,
    data: {
      region,
      deployments: rows.map(({ instanceId, readySeconds }) => ({ instance_id: instanceId, ready_replica_seconds: readySeconds })),
    },
  }));
}

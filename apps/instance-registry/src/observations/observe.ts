import type { DeploymentObserved, InstanceHealth } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { ChangeInstance } from '../instances/change-instance.js';
import { InstanceChangesStore } from '../instances/instance-changes.store.js';
import { driverPlaces } from './driver-places.js';
import { NoteReadyTime } from './note-ready-time.js';
import { PodPlacesStore } from '../pods/pod-places.store.js';
import { addReadySeconds } from '../lifecycle/ready-seconds.js';

/**
 * Takes what gateways and the health checker see. Events may come twice and late: an observation counts when its
 * sequence is higher than the last one of its region, a health record when its version is.
 */
@Injectable()
export class Observe {
  constructor(
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
    @Inject(InstanceChangesStore) private readonly changes: InstanceChangesStore,
    @Inject(PodPlacesStore) private readonly places: PodPlacesStore,
    @Inject(NoteReadyTime) private readonly readyTime: NoteReadyTime,
  ) {}

  async deployments(observations: readonly DeploymentObserved[]): Promise<void> {
    for (const observed of await this.readyTime.takeFrom(observations)) await this.deployment(observed);
  }

  async health(health: InstanceHealth): Promise<void> {
    await this.changer.change(health.instance_id, async (instance, transaction) => {
      if (instance.health !== undefined && instance.health.version >= health.version) return undefined;
      await this.changes.saveHealth(transaction, health);
      return undefined;
    });
  }

  private async deployment(observed: DeploymentObserved): Promise<void> {
    await this.changer.change(observed.instance_id, async (instance, transaction) => {
      const deployment = instance.deployments.find((entry) => entry.region === observed.region);
      const last = deployment?.observation;
      if (deployment === undefined || (last !== undefined && last.sequence >= BigInt(observed.sequence))) return undefined;
      const previous = last === undefined ? undefined : { reported: last.readySecondsReported, total: last.readySeconds };
      await this.changes.saveObservation(transaction, observed, addReadySeconds(previous, observed.ready_replica_seconds));
      const places = driverPlaces(deployment, last?.pods ?? [], observed.pods);
      if (places !== undefined && instance.lifecycle.state !== 'terminated')
        await this.places.put(transaction, instance.id, observed.region, places);
      return undefined;
    });
  }
}

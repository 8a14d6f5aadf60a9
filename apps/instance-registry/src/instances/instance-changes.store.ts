import { type DeploymentObserved, type InstanceHealth, newId, TOPIC } from '@ecolink/contracts';
import { appendEvents, type Prisma, type Transaction } from '@ecolink/database';
import { Injectable } from '@nestjs/common';
import type { Lifecycle } from '../lifecycle/state-machine.js';
import type { ReadySeconds } from '../lifecycle/ready-seconds.js';
import { EVENT_SOURCE } from '../settings.js';
import type { DeploymentDraft, InstanceDraft, StoredInstance } from './instance.js';
import { instanceRecordOf } from './instance-record.js';

export interface HistoryRow {
  readonly kind: string;
  readonly fromState: string | null;
  readonly lifecycle: Lifecycle;
}

/** Fields of an instance that can change besides its lifecycle. */
export type InstanceFields = Pick<
  Prisma.InstanceUncheckedUpdateManyInput,
  'terminationReason' | 'servedModelName' | 'category' | 'name'
>;

/** Writes instances, always inside the caller's transaction. */
@Injectable()
export class InstanceChangesStore {
  /** The number is drawn here, last of all, so that a refused launch uses none up. */
  async insert(transaction: Transaction, draft: InstanceDraft, now: Date): Promise<number> {
    const { deployments, desiredState, ...fields } = draft;
    const [row] =
      draft.kind === 'own'
        ? await transaction.$queryRaw<{ id: bigint }[]>`SELECT nextval('own_instance_id') AS id`
        : await transaction.$queryRaw<{ id: bigint }[]>`SELECT nextval('platform_instance_id') AS id`;
    if (row === undefined) throw new Error('the sequence of instance ids gave nothing');
    await transaction.instance.create({
      data: { ...fields, args: [...draft.args], id: row.id, state: 'pending', desiredState, stateSince: now, createdAt: now },
    });
    for (const deployment of deployments) await this.putDeployment(transaction, Number(row.id), deployment);
    return Number(row.id);
  }

  /** Replaces what a region runs. A region that is left keeps a deployment of 0 replicas, so that its gateway hears of it. */
  async putDeployment(transaction: Transaction, instanceId: number, draft: DeploymentDraft): Promise<void> {
    const key = { instanceId: BigInt(instanceId), region: draft.region };
    const values = { driver: draft.driver, replicas: draft.replicas };
    await transaction.deployment.upsert({ where: { instanceId_region: key }, create: { ...key, ...values }, update: values });
    await transaction.deploymentPod.deleteMany({ where: key });
    await transaction.deploymentPod.createMany({ data: draft.pods.map((pod, place) => ({ ...key, ...pod, place })) });
  }

  /** Gives the deployments a new version, for gateways to fetch them again. */
  async touchDeployments(transaction: Transaction, instanceId: number): Promise<void> {
    await transaction.$executeRaw`UPDATE deployments SET replicas = replicas WHERE instance_id = ${BigInt(instanceId)}`;
  }

  /** Compare-and-swap on the version that was read; false when the instance has changed since. */
  async saveLifecycle(
    transaction: Transaction,
    before: StoredInstance,
    after: Lifecycle,
    fields: InstanceFields,
    now: Date,
  ): Promise<boolean> {
    const { count } = await transaction.instance.updateMany({
      where: { id: BigInt(before.id), version: before.version },
      data: { ...fields, ...after, ...(after.state === before.lifecycle.state ? {} : { stateSince: now }) },
    });
    return count === 1;
  }

  async appendHistory(transaction: Transaction, instanceId: number, rows: readonly HistoryRow[], now: Date): Promise<void> {
    await transaction.instanceEvent.createMany({
      data: rows.map(({ kind, fromState, lifecycle }) => ({
        id: newId('evt', now.getTime()),
        instanceId: BigInt(instanceId),
        kind,
        fromState,
        toState: lifecycle.state,
        desiredState: lifecycle.desiredState,
        degraded: lifecycle.degraded,
        reason: lifecycle.statusReason,
        occurredAt: now,
      })),
    });
  }

  async publish(transaction: Transaction, instance: StoredInstance, now: Date): Promise<void> {
    const data = instanceRecordOf(instance);
    const id = `instance:${instance.id}:${instance.version}`;
    await appendEvents(transaction, [
      { id, source: EVENT_SOURCE, topic: TOPIC.instanceChanged, key: String(instance.id), occurredAt: now, data },
    ]);
  }

  async saveObservation(transaction: Transaction, observed: DeploymentObserved, ready: ReadySeconds): Promise<void> {
    const key = { instanceId: BigInt(observed.instance_id), region: observed.region };
    const values = {
      sequence: BigInt(observed.sequence),
      observedAt: new Date(observed.observed_at),
      readySecondsReported: ready.reported,
      readySeconds: ready.total,
      pods: observed.pods,
    };
    await transaction.deploymentObservation.upsert({
      where: { instanceId_region: key },
      create: { ...key, ...values },
      update: values,
    });
  }

  async saveHealth(transaction: Transaction, health: InstanceHealth): Promise<void> {
    const values = { healthVersion: health.version, pods: health.pods };
    const instanceId = BigInt(health.instance_id);
    await transaction.instanceHealth.upsert({ where: { instanceId }, create: { instanceId, ...values }, update: values });
  }
}

import { ApiError, type DeploymentObserved, type InstanceHealth, newId, type StartFailure, TOPIC } from '@ecolink/contracts';
import { appendEvents, Database, Prisma, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { auditEvent, type AuditNote } from '../audit/audit-event.js';
import type { Lifecycle } from '../lifecycle/state-machine.js';
import type { ReadySeconds } from '../lifecycle/ready-seconds.js';
import { PodPlacesStore } from '../pods/pod-places.store.js';
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
  | 'terminationReason'
  | 'servedModelName'
  | 'category'
  | 'name'
  | 'run'
  | 'hourlyRateNanoUsd'
  | 'holdNanoUsd'
  | 'cycleEndsAt'
  | 'holdVersion'
  | 'revision'
  | 'image'
  | 'args'
  | 'envEncrypted'
  | 'gpuType'
  | 'gpuCount'
  | 'customApiPath'
  | 'healthPath'
  | 'injectStreamUsage'
  | 'strategy'
  | 'phase'
  | 'phaseSince'
> & { readonly failure?: StartFailure | null };

/** Writes instances; what changes one does so inside the caller's transaction. */
@Injectable()
export class InstanceChangesStore {
  constructor(
    @Inject(PodPlacesStore) private readonly places: PodPlacesStore,
    @Inject(Database) private readonly database: Database,
  ) {}

  /** A number for an instance that money is held for before it is made. */
  async reserveId(): Promise<number> {
    const [row] = await this.database.client.$queryRaw<{ id: bigint }[]>`SELECT nextval('own_instance_id') AS id`;
    if (row === undefined) throw new Error('the sequence of instance ids gave nothing');
    return Number(row.id);
  }

  async exists(id: number): Promise<boolean> {
    return (await this.database.client.instance.count({ where: { id: BigInt(id) } })) > 0;
  }

  /** Where no number is reserved it is drawn here, last of all, so that a refused launch uses none up. */
  async insert(transaction: Transaction, draft: InstanceDraft, now: Date, reservedId?: number): Promise<number> {
    const { deployments, desiredState, envNames: _names, ...fields } = draft;
    const [row] =
      reservedId !== undefined
        ? [{ id: BigInt(reservedId) }]
        : draft.kind === 'own'
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
    if (draft.replicas > 0) await holdRegion(transaction, draft.region);
    const key = { instanceId: BigInt(instanceId), region: draft.region };
    const values = { driver: draft.driver, replicas: draft.replicas };
    await transaction.deployment.upsert({ where: { instanceId_region: key }, create: { ...key, ...values }, update: values });
    await transaction.deploymentPod.deleteMany({ where: key });
    await transaction.deploymentPod.createMany({
      data: draft.pods.map(({ places: _places, ...pod }, place) => ({ ...key, ...pod, place })),
    });
    const places = draft.pods.map((pod) => ({ podId: pod.id, places: pod.places }));
    await this.places.put(transaction, instanceId, draft.region, places);
  }

  /** What all regions are to run from now on. */
  async setRevision(transaction: Transaction, instanceId: number, revision: number): Promise<void> {
    await transaction.deployment.updateMany({ where: { instanceId: BigInt(instanceId) }, data: { revision } });
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
    const { failure, ...columns } = fields;
    const failed = failure === undefined ? {} : { failure: failure ?? Prisma.DbNull };
    const { count } = await transaction.instance.updateMany({
      where: { id: BigInt(before.id), version: before.version },
      data: { ...columns, ...failed, ...after, ...(after.state === before.lifecycle.state ? {} : { stateSince: now }) },
    });
    if (count === 1 && after.state === 'terminated') await this.places.release(transaction, before.id);
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

  /** `audit`: who changed it, for the audit log of the instance's account. */
  async publish(transaction: Transaction, instance: StoredInstance, now: Date, audit?: AuditNote): Promise<void> {
    const data = instanceRecordOf(instance);
    const id = `instance:${instance.id}:${instance.version}`;
    const { accountId } = instance;
    await appendEvents(transaction, [
      { id, source: EVENT_SOURCE, topic: TOPIC.instanceChanged, key: String(instance.id), occurredAt: now, data },
    ]);
    if (audit !== undefined && accountId !== null) await appendEvents(transaction, [auditEvent(accountId, audit, now)]);
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

/** Until the transaction ends, the region cannot be deleted. */
async function holdRegion(transaction: Transaction, region: string): Promise<void> {
  const rows = await transaction.$queryRaw<
    unknown[]
  >`SELECT 1 FROM regions WHERE code = ${region} AND deleted_at IS NULL FOR SHARE`;
  if (rows.length === 0) throw new ApiError('invalid_state', `region "${region}" has just been deleted`);
}

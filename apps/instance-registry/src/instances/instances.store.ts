import {
  category,
  deploymentObserved,
  desiredState,
  drivers,
  instanceHealth,
  instanceState,
  type ListQuery,
  pickingStrategy,
  startFailure,
  startPhase,
  terminationReason,
} from '@ecolink/contracts';
import { Database, type Prisma, type Transaction } from '@ecolink/database';
import { pageById } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { instanceCursor } from '../lists/instance-cursor.js';
import type { StoredDeployment, StoredInstance } from './instance.js';

type InstanceRow = Prisma.InstanceGetPayload<object>;
type DeploymentRow = Prisma.DeploymentGetPayload<{ include: { pods: true } }>;
type ObservationRow = Prisma.DeploymentObservationGetPayload<object>;
type HealthRow = Prisma.InstanceHealthGetPayload<object>;

export interface InstanceFilter {
  readonly accountId?: string | undefined;
  readonly kind: 'own' | 'platform';
}

/** Reads instances. */
@Injectable()
export class InstancesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async find(id: number, transaction: Transaction = this.database.client): Promise<StoredInstance | undefined> {
    return (await this.findMany([id], transaction))[0];
  }

  /** Nearest to the cursor first, one more than are shown. */
  async list(filter: InstanceFilter, query: ListQuery): Promise<readonly StoredInstance[]> {
    const page = pageById(query, instanceCursor(query));
    const rows = await this.database.client.instance.findMany({
      ...page,
      where: {
        ...page.where,
        kind: filter.kind,
        ...(filter.accountId === undefined ? {} : { accountId: filter.accountId }),
      },
    });
    return withParts(rows, this.database.client);
  }

  async findMany(ids: readonly number[], transaction: Transaction = this.database.client): Promise<readonly StoredInstance[]> {
    const rows = await transaction.instance.findMany({ where: { id: { in: ids.map(BigInt) } }, orderBy: { id: 'asc' } });
    return withParts(rows, transaction);
  }

  /** Locks the row until the transaction ends, and reads it. With `skipLocked`, `undefined` while somebody else changes it. */
  async lock(transaction: Transaction, id: number, options: { skipLocked?: boolean } = {}): Promise<StoredInstance | undefined> {
    const found = options.skipLocked
      ? await transaction.$queryRaw<unknown[]>`SELECT 1 FROM instances WHERE id = ${BigInt(id)} FOR UPDATE SKIP LOCKED`
      : await transaction.$queryRaw<unknown[]>`SELECT 1 FROM instances WHERE id = ${BigInt(id)} FOR UPDATE`;
    return found.length === 0 ? undefined : this.find(id, transaction);
  }

  /** Ids above `afterId` whose state waits for something, in order. */
  async idsInMotion(afterId: number, limit: number): Promise<readonly number[]> {
    const rows = await this.database.client.instance.findMany({
      where: {
        OR: [{ state: { in: ['pending', 'starting', 'stopping'] } }, { state: 'failed', desiredState: 'running' }],
        id: { gt: BigInt(afterId) },
      },
      orderBy: { id: 'asc' },
      take: limit,
      select: { id: true },
    });
    return rows.map((row) => Number(row.id));
  }

  async countUnterminatedOfModel(transaction: Transaction, modelId: string): Promise<number> {
    return transaction.instance.count({ where: { modelId, state: { not: 'terminated' } } });
  }

  /** Locks all instances of a model that are not terminated, in order of id. */
  async lockOfModel(transaction: Transaction, modelId: string): Promise<readonly number[]> {
    const rows = await transaction.$queryRaw<{ id: bigint }[]>`
      SELECT id FROM instances WHERE model_id = ${modelId} AND state <> 'terminated' ORDER BY id FOR UPDATE`;
    return rows.map((row) => Number(row.id));
  }
}

/** One query after the other: a transaction has one connection, and `include` would ask for all relations at once. */
async function withParts(rows: readonly InstanceRow[], transaction: Transaction): Promise<readonly StoredInstance[]> {
  if (rows.length === 0) return [];
  const where = { instanceId: { in: rows.map((row) => row.id) } };
  const pods = { orderBy: { place: 'asc' } } as const;
  const deployments = await transaction.deployment.findMany({ where, orderBy: { region: 'asc' }, include: { pods } });
  const observations = Map.groupBy(await transaction.deploymentObservation.findMany({ where }), (row) => row.instanceId);
  const health = new Map((await transaction.instanceHealth.findMany({ where })).map((row) => [row.instanceId, row]));
  const deploymentsOf = Map.groupBy(deployments, (row) => row.instanceId);
  return rows.map((row) =>
    storedInstanceOf(row, deploymentsOf.get(row.id) ?? [], observations.get(row.id) ?? [], health.get(row.id)),
  );
}

function storedInstanceOf(
  row: InstanceRow,
  deployments: readonly DeploymentRow[],
  observations: readonly ObservationRow[],
  health: HealthRow | undefined,
): StoredInstance {
  // The environment is for drivers alone, and leaves the store by no other way.
  const {
    id,
    kind,
    state,
    desiredState: desired,
    degraded,
    statusReason,
    actionReason,
    envEncrypted: _sealed,
    changedXid: _xid,
    phase,
    phaseSince,
    failure,
    ...rest
  } = row;
  return {
    ...rest,
    id: Number(id),
    kind: kind === 'platform' ? 'platform' : 'own',
    category: category.parse(row.category),
    strategy: pickingStrategy.parse(row.strategy),
    terminationReason: row.terminationReason === null ? null : terminationReason.parse(row.terminationReason),
    lifecycle: {
      state: instanceState.parse(state),
      desiredState: desiredState.parse(desired),
      degraded,
      statusReason,
      actionReason,
    },
    start: { phase: phase === null ? null : startPhase.parse(phase), phaseSince },
    failure: failure === null ? null : startFailure.parse(failure),
    deployments: deployments.map((deployment) =>
      storedDeploymentOf(
        deployment,
        observations.find((observation) => observation.region === deployment.region),
      ),
    ),
    health:
      health === undefined ? undefined : { version: health.healthVersion, pods: instanceHealth.shape.pods.parse(health.pods) },
  };
}

function storedDeploymentOf(row: DeploymentRow, observation: ObservationRow | undefined): StoredDeployment {
  return {
    region: row.region,
    driver: drivers.parse(row.driver),
    replicas: row.replicas,
    version: row.version,
    pods: row.pods.map(({ id, url, apiKeyEncrypted, weight }) => ({ id, url, apiKeyEncrypted, weight })),
    observation:
      observation === undefined
        ? undefined
        : {
            sequence: observation.sequence,
            readySecondsReported: observation.readySecondsReported,
            readySeconds: observation.readySeconds,
            pods: deploymentObserved.shape.pods.parse(observation.pods),
          },
  };
}

import { type InstanceDefinition, instanceDefinition, type InstanceRevisionView, type ListQuery } from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import { pageFrom } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { InstanceDraft } from '../instances/instance.js';
import { instanceCursor } from '../lists/instance-cursor.js';
import { CLOCK, type Clock } from '../settings.js';

const FIRST = 1;

interface NewRevision {
  readonly revision: number;
  readonly definition: InstanceDefinition;
  readonly envEncrypted: Uint8Array<ArrayBuffer> | null;
  readonly createdBy: string | null;
}

/** What instances were and are made of. Rows are never changed; the database refuses it. */
@Injectable()
export class RevisionsStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async insertFirst(transaction: Transaction, instanceId: number, draft: InstanceDraft, createdBy: string | null): Promise<void> {
    const definition: InstanceDefinition = {
      name: draft.name,
      image: draft.image,
      args: [...draft.args],
      env_names: [...(draft.envNames ?? [])],
      gpu_type: draft.gpuType,
      gpu_count: draft.gpuCount,
      custom_api_path: draft.customApiPath,
      health_path: draft.healthPath,
      inject_stream_usage: draft.injectStreamUsage,
      strategy: draft.strategy,
      replicas: Object.fromEntries(draft.deployments.map(({ region, replicas }) => [region, replicas])),
    };
    const { envEncrypted } = draft;
    await this.insert(transaction, instanceId, { revision: FIRST, definition, envEncrypted, createdBy });
  }

  async insert(transaction: Transaction, instanceId: number, revision: NewRevision): Promise<void> {
    await transaction.instanceRevision.create({ data: { ...revision, instanceId: BigInt(instanceId), createdAt: this.clock() } });
  }

  async find(
    transaction: Transaction,
    instanceId: number,
    revision: number,
  ): Promise<Pick<NewRevision, 'definition' | 'envEncrypted'>> {
    const row = await transaction.instanceRevision.findUniqueOrThrow({
      where: { instanceId_revision: { instanceId: BigInt(instanceId), revision } },
    });
    return { definition: instanceDefinition.parse(row.definition), envEncrypted: row.envEncrypted };
  }

  /** Nearest to the cursor first, one more than are shown. */
  async list(instanceId: number, query: ListQuery): Promise<readonly InstanceRevisionView[]> {
    const cursor = instanceCursor(query);
    const { edge, order, take } = pageFrom(query, cursor === undefined ? undefined : Number(cursor));
    const rows = await this.database.client.instanceRevision.findMany({
      where: { instanceId: BigInt(instanceId), ...(edge === undefined ? {} : { revision: edge }) },
      orderBy: { revision: order },
      take,
    });
    return rows.map((row) => ({
      id: row.revision,
      definition: instanceDefinition.parse(row.definition),
      created_by: row.createdBy,
      created_at: row.createdAt.toISOString(),
    }));
  }
}

import {
  category,
  type Category,
  type ListQuery,
  type PlatformModelRecord,
  platformModelStatus,
  type PlatformModelStatus,
  TOPIC,
} from '@ecolink/contracts';
import { appendEvents, Database, type Prisma, type Transaction } from '@ecolink/database';
import { cursorOf, pageFrom } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { EVENT_SOURCE } from '../settings.js';

export interface StoredPlatformModel {
  readonly id: string;
  readonly instanceId: number;
  readonly displayName: string;
  readonly category: Category;
  readonly contextLength: number | null;
  readonly status: PlatformModelStatus;
  readonly version: number;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
}

export type PlatformModelValues = Pick<StoredPlatformModel, 'displayName' | 'category' | 'contextLength' | 'status'>;

@Injectable()
export class PlatformModelsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async find(id: string): Promise<StoredPlatformModel | undefined> {
    const row = await this.database.client.platformModel.findUnique({ where: { id, deletedAt: null } });
    return row === null ? undefined : storedPlatformModelOf(row);
  }

  async list(query: ListQuery): Promise<readonly StoredPlatformModel[]> {
    const cursor = cursorOf(query);
    // Newest first by the number of their instance, which is drawn when they are made.
    const at = cursor === undefined ? undefined : await this.find(cursor);
    if (cursor !== undefined && at === undefined) return [];
    const { edge, order, take } = pageFrom(query, at === undefined ? undefined : BigInt(at.instanceId));
    const rows = await this.database.client.platformModel.findMany({
      where: { deletedAt: null, ...(edge === undefined ? {} : { instanceId: edge }) },
      orderBy: { instanceId: order },
      take,
    });
    return rows.map(storedPlatformModelOf);
  }

  /** One writer of an id at a time, also while it does not exist yet. Gives one that was deleted, too. */
  async lock(transaction: Transaction, id: string): Promise<StoredPlatformModel | undefined> {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`platform_model:${id}`}, 0))`;
    const row = await transaction.platformModel.findUnique({ where: { id } });
    return row === null ? undefined : storedPlatformModelOf(row);
  }

  async save(
    transaction: Transaction,
    id: string,
    instanceId: number,
    values: PlatformModelValues,
    now: Date,
  ): Promise<StoredPlatformModel> {
    const update = { ...values, instanceId: BigInt(instanceId), deletedAt: null };
    const create = { ...update, id, createdAt: now };
    const model = storedPlatformModelOf(await transaction.platformModel.upsert({ where: { id }, create, update }));
    await this.publish(transaction, model, now);
    return model;
  }

  /** Its row stays: what was called is still named by it. */
  async markDeleted(transaction: Transaction, id: string, now: Date): Promise<void> {
    const data = { status: 'disabled', deletedAt: now };
    await this.publish(transaction, storedPlatformModelOf(await transaction.platformModel.update({ where: { id }, data })), now);
  }

  /** Instances of customers, not terminated, that were launched from a model whose source is this one. */
  async countUses(transaction: Transaction, id: string): Promise<number> {
    const [row] = await transaction.$queryRaw<{ count: number }[]>`
      SELECT count(*)::integer AS count FROM instances JOIN models ON models.id = instances.model_id
      WHERE models.source->>'kind' = 'platform' AND models.source->>'platform_model_id' = ${id} AND instances.state <> 'terminated'`;
    return row?.count ?? 0;
  }

  private async publish(transaction: Transaction, model: StoredPlatformModel, now: Date): Promise<void> {
    const { id } = model;
    await appendEvents(transaction, [
      {
        id: `platform-model:${id}:${model.version}`,
        source: EVENT_SOURCE,
        topic: TOPIC.modelChanged,
        key: id,
        occurredAt: now,
        data: platformModelRecordOf(model),
      },
    ]);
  }
}

export function platformModelRecordOf(model: StoredPlatformModel): PlatformModelRecord {
  return {
    version: model.version,
    platform_model_id: model.id,
    instance_id: model.instanceId,
    display_name: model.displayName,
    category: model.category,
    context_length: model.contextLength,
    status: model.status === 'disabled' ? 'inactive' : 'active',
    state: model.status,
    ...(model.deletedAt === null ? {} : { deleted: true }),
    created_at: model.createdAt.toISOString(),
  };
}

export function storedPlatformModelOf(row: Prisma.PlatformModelGetPayload<object>): StoredPlatformModel {
  return {
    id: row.id,
    instanceId: Number(row.instanceId),
    displayName: row.displayName,
    category: category.parse(row.category),
    contextLength: row.contextLength,
    status: platformModelStatus.parse(row.status),
    version: row.version,
    createdAt: row.createdAt,
    deletedAt: row.deletedAt,
  };
}

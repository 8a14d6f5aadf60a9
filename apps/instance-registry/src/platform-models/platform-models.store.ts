import { category, type Category, type PlatformModelRecord, TOPIC } from '@ecolink/contracts';
import { appendEvents, Database, type Prisma, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import type { PageRequest } from '../lists/page.js';
import { EVENT_SOURCE } from '../settings.js';

export interface StoredPlatformModel {
  readonly id: string;
  readonly instanceId: number;
  readonly displayName: string;
  readonly category: Category;
  readonly contextLength: number | null;
  readonly status: 'active' | 'inactive';
  readonly version: number;
  readonly createdAt: Date;
}

export type PlatformModelValues = Pick<StoredPlatformModel, 'displayName' | 'category' | 'contextLength' | 'status'>;

@Injectable()
export class PlatformModelsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async find(id: string, transaction: Transaction = this.database.client): Promise<StoredPlatformModel | undefined> {
    const row = await transaction.platformModel.findUnique({ where: { id } });
    return row === null ? undefined : storedPlatformModelOf(row);
  }

  async list(request: PageRequest): Promise<readonly StoredPlatformModel[]> {
    const { cursor, direction } = request;
    // Newest first by the number of their instance, which is drawn when they are made.
    const at = cursor === undefined ? undefined : await this.find(cursor);
    if (cursor !== undefined && at === undefined) return [];
    const edge =
      at === undefined
        ? {}
        : { instanceId: direction === 'older' ? { lt: BigInt(at.instanceId) } : { gt: BigInt(at.instanceId) } };
    const rows = await this.database.client.platformModel.findMany({
      where: edge,
      orderBy: { instanceId: direction === 'older' ? 'desc' : 'asc' },
      take: request.take,
    });
    return rows.map(storedPlatformModelOf);
  }

  /** One writer of an id at a time, also while it does not exist yet. */
  async lock(transaction: Transaction, id: string): Promise<StoredPlatformModel | undefined> {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`platform_model:${id}`}, 0))`;
    return this.find(id, transaction);
  }

  async save(
    transaction: Transaction,
    id: string,
    instanceId: number,
    values: PlatformModelValues,
    now: Date,
  ): Promise<StoredPlatformModel> {
    const create = { ...values, id, instanceId: BigInt(instanceId), createdAt: now };
    const model = storedPlatformModelOf(await transaction.platformModel.upsert({ where: { id }, create, update: values }));
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
    return model;
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
    status: model.status,
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
    status: row.status === 'active' ? 'active' : 'inactive',
    version: row.version,
    createdAt: row.createdAt,
  };
}

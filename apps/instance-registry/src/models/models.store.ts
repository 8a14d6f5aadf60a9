import { category, modelSource, type Category, type ModelSource } from '@ecolink/contracts';
import { Database, Prisma, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import type { PageRequest } from '../lists/page.js';

export interface StoredModel {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly category: Category;
  readonly source: ModelSource;
  readonly servedModelName: string | null;
  readonly createdAt: Date;
}

export interface ModelValues {
  readonly name: string;
  readonly category: Category;
  readonly source: ModelSource;
  readonly servedModelName: string | null;
  /** `undefined`: as it is. */
  readonly tokenEncrypted: Uint8Array<ArrayBuffer> | null | undefined;
}

const UNIQUE_VIOLATION = 'P2002';

@Injectable()
export class ModelsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** `undefined` when the account has none of this id. */
  async find(accountId: string, id: string, transaction: Transaction = this.database.client): Promise<StoredModel | undefined> {
    const row = await transaction.model.findFirst({ where: { id, accountId } });
    return row === null ? undefined : storedModelOf(row);
  }

  async list(accountId: string, request: PageRequest): Promise<readonly StoredModel[]> {
    const { cursor, direction } = request;
    const rows = await this.database.client.model.findMany({
      where: { accountId, ...(cursor === undefined ? {} : { id: direction === 'older' ? { lt: cursor } : { gt: cursor } }) },
      orderBy: { id: direction === 'older' ? 'desc' : 'asc' },
      take: request.take,
    });
    return rows.map(storedModelOf);
  }

  /** While a launch holds this lock, the model is neither renamed nor deleted. */
  async lockForLaunch(transaction: Transaction, id: string): Promise<void> {
    await transaction.$queryRaw`SELECT 1 FROM models WHERE id = ${id} FOR SHARE`;
  }

  async lockForChange(transaction: Transaction, id: string): Promise<void> {
    await transaction.$queryRaw`SELECT 1 FROM models WHERE id = ${id} FOR UPDATE`;
  }

  /** `name-taken` when the account has a model of that name. */
  async insert(id: string, accountId: string, values: ModelValues, now: Date): Promise<StoredModel | 'name-taken'> {
    const { tokenEncrypted, ...rest } = values;
    return orNameTaken(async () =>
      storedModelOf(
        await this.database.client.model.create({
          data: { ...rest, id, accountId, tokenEncrypted: tokenEncrypted ?? null, createdAt: now },
        }),
      ),
    );
  }

  async update(transaction: Transaction, id: string, values: ModelValues): Promise<StoredModel> {
    const { tokenEncrypted, ...rest } = values;
    return storedModelOf(
      await transaction.model.update({
        where: { id },
        data: { ...rest, ...(tokenEncrypted === undefined ? {} : { tokenEncrypted }) },
      }),
    );
  }

  async remove(transaction: Transaction, id: string): Promise<void> {
    await transaction.model.delete({ where: { id } });
  }
}

/** A transaction in which a name may turn out to be taken is over then; so the whole of it is run through here. */
export async function orNameTaken<T>(run: () => Promise<T>): Promise<T | 'name-taken'> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION) return 'name-taken';
    throw error;
  }
}

function storedModelOf(row: Prisma.ModelGetPayload<object>): StoredModel {
  return {
    id: row.id,
    accountId: row.accountId,
    name: row.name,
    category: category.parse(row.category),
    source: modelSource.parse(row.source),
    servedModelName: row.servedModelName,
    createdAt: row.createdAt,
  };
}

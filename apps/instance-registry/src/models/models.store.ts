import { category, modelSource, type Category, type ListQuery, type ModelSource } from '@ecolink/contracts';
import { Database, Prisma, type Transaction } from '@ecolink/database';
import { pageById } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';

export interface StoredModel {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly category: Category;
  readonly source: ModelSource;
  readonly servedModelName: string | null;
  readonly contextLength: number | null;
  readonly parameters: bigint | null;
  readonly createdAt: Date;
}

export interface ModelValues {
  readonly name: string;
  readonly category: Category;
  readonly source: ModelSource;
  readonly servedModelName: string | null;
  readonly contextLength: number | null;
  readonly parameters: bigint | null;
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

  async list(accountId: string, query: ListQuery): Promise<readonly StoredModel[]> {
    const page = pageById(query);
    const rows = await this.database.client.model.findMany({ ...page, where: { ...page.where, accountId } });
    return rows.map(storedModelOf);
  }

  /** While a launch holds this lock, the model is neither renamed nor deleted. */
  async lockForLaunch(transaction: Transaction, id: string): Promise<void> {
    await transaction.$queryRaw`SELECT 1 FROM models WHERE id = ${id} FOR SHARE`;
  }

  async lockForChange(transaction: Transaction, id: string): Promise<void> {
    await transaction.$queryRaw`SELECT 1 FROM models WHERE id = ${id} FOR UPDATE`;
  }

  async insert(transaction: Transaction, id: string, accountId: string, values: ModelValues, now: Date): Promise<StoredModel> {
    const { tokenEncrypted, ...rest } = values;
    return storedModelOf(
      await transaction.model.create({
        data: { ...rest, id, accountId, tokenEncrypted: tokenEncrypted ?? null, createdAt: now },
      }),
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
    contextLength: row.contextLength,
    parameters: row.parameters,
    createdAt: row.createdAt,
  };
}

import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/prisma/client.js';

export type Transaction = Prisma.TransactionClient;

export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process, at the most. Default 10. */
  readonly connectionsMax?: number;
}

const CONNECTIONS_DEFAULT = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Each connection is a process of the server's: what a burst opened is closed soon after. */
const IDLE_TIMEOUT_MS = 4_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const TRANSACTION_WAIT_MS = 10_000;
const TRANSACTION_TIMEOUT_MS = 30_000;

/** The one way to PostgreSQL for the apps: a Prisma client whose pool, statements and transactions all have limits. */
export class Database {
  constructor(
    readonly client: PrismaClient,
    readonly url: string,
  ) {}

  /** Runs `run` in one READ COMMITTED transaction; it is rolled back when `run` rejects. */
  transaction<T>(run: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.client.$transaction(run, { maxWait: TRANSACTION_WAIT_MS, timeout: TRANSACTION_TIMEOUT_MS });
  }

  close(): Promise<void> {
    return this.client.$disconnect();
  }
}

/** Opens a pool; connections are made as they are needed, so the server need not be up yet. */
export function openDatabase(options: DatabaseOptions): Database {
  const adapter = new PrismaPg(
    {
      connectionString: options.url,
      max: options.connectionsMax ?? CONNECTIONS_DEFAULT,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      keepAlive: true,
    },
    // An idle connection that the server closes (a restart) is replaced by the pool; unheard, it would end the process.
    { onPoolError: () => undefined },
  );
  return new Database(new PrismaClient({ adapter }), options.url);
}

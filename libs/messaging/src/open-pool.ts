import pg from 'pg';

export interface PoolOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly connectionsMax: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/**
 * Each connection is a process of the server's: what a burst opened is closed soon after. Readers that nothing wakes come every 5 s, and a
 * connection that they use costs less than one opened for each time.
 */
const IDLE_TIMEOUT_MS = 6_000;
/** Longer than the server's own limit: only a connection that has silently died runs into it. */
const ANSWER_TIMEOUT_MS = 35_000;

/** A pool whose every wait has a limit, and that survives the end of its connections whatever they are doing. */
export function openPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  });
  // The statement under way, or the next one, fails and says so. Unheard, the event would end the process: of an idle
  // connection it comes from the pool, of one in use between two statements from the connection itself.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

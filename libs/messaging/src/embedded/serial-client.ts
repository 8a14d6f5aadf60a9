import pg from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Longer than the server's own limit: only a connection that has silently died runs into it. */
const ANSWER_TIMEOUT_MS = 35_000;

/**
 * One connection that is used by several at a time, one statement after the other. `lost` aborts when the connection ends,
 * and with it everything that lived in its session: locks, notifications.
 */
export class SerialClient {
  private readonly gone = new AbortController();
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly client: pg.Client) {
    client.on('error', () => this.gone.abort());
    client.on('end', () => this.gone.abort());
  }

  static async connect(url: string, applicationName: string): Promise<SerialClient> {
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    });
    const serial = new SerialClient(client);
    await client.connect();
    return serial;
  }

  get lost(): AbortSignal {
    return this.gone.signal;
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult<Row>> {
    const result = this.turn.then(() => this.client.query<Row>(text, [...values]));
    this.turn = result.catch(() => undefined);
    return result;
  }

  onNotification(listener: (payload: string) => void): void {
    this.client.on('notification', (notification) => listener(notification.payload ?? ''));
  }

  /** Ends the session. A connection that does not answer any more is not waited for. */
  close(): void {
    this.gone.abort();
    this.client.end().catch(() => undefined);
  }
}

import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ecolink/database';

const CHECK_INTERVAL_MS = 500;

/** The product's own PostgreSQL, started again on the same port when somebody ended it under us. */
export class DatabaseServer {
  private starting: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly directory: string,
    private current: EmbeddedPostgres,
    private readonly say: (text: string) => void,
  ) {
    this.timer = setInterval(() => {
      if (!this.current.isAlive()) this.starting ??= this.startAgain().finally(() => (this.starting = undefined));
    }, CHECK_INTERVAL_MS);
    this.timer.unref();
  }

  static async start(directory: string, say: (text: string) => void): Promise<DatabaseServer> {
    return new DatabaseServer(directory, await startEmbeddedPostgres({ directory }), say);
  }

  get url(): string {
    return this.current.url;
  }

  get port(): number {
    return this.current.port;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.starting;
    await this.current.stop();
  }

  private async startAgain(): Promise<void> {
    this.say('the database server ended; starting it again');
    try {
      this.current = await startEmbeddedPostgres({ directory: this.directory });
    } catch (error) {
      this.say(`the database server could not be started: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

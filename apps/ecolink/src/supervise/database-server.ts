import { type EmbeddedPostgres, startEmbeddedPostgres, stopEmbeddedPostgres } from '@ecolink/database';

const CHECK_INTERVAL_MS = 500;

/**
 * The product's own PostgreSQL, started again on the same port when somebody ended it under us, as a full disk does. That it ended, that
 * it cannot be started and that it runs again are each said once.
 */
export class DatabaseServer {
  private starting: Promise<void> | undefined;
  private saidReason: string | undefined;
  private isDown = false;
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

  /** Ends a server that an earlier run left behind, if there is one. */
  static stopLeft(directory: string): Promise<void> {
    return stopEmbeddedPostgres(directory);
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
    if (!this.isDown) this.say('the database server ended; starting it again');
    this.isDown = true;
    try {
      this.current = await startEmbeddedPostgres({ directory: this.directory });
      this.isDown = false;
      this.saidReason = undefined;
      this.say('the database server runs again');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.saidReason) this.say(`the database server could not be started: ${reason}; it is tried again`);
      this.saidReason = reason;
    }
  }
}

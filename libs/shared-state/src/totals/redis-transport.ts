import { createRequire } from 'node:module';
import type * as ioredis from 'ioredis';
import { z } from 'zod';
import type { TotalsMessage, TotalsTransport } from './shared-totals.js';

export interface RedisTransportOptions {
  /** `redis://` or `rediss://`, with its credentials. */
  readonly url: string;
  /** Separates products on one server. Default `ecolink`. */
  readonly prefix?: string;
}

const CONNECT_TIMEOUT_MS = 2_000;
const COMMAND_TIMEOUT_MS = 500;
const RECONNECT_MAX_MS = 1_000;
const SCAN_COUNT = 200;
const KEPT_MAX = 10_000;
const MS_PER_SECOND = 1_000;
const MICROSECONDS_PER_MS = 1_000;

const totalsMessage = z.object({
  from: z.string(),
  whole: z.boolean(),
  values: z.record(z.string(), z.string().regex(/^-?[0-9]{1,30}$/)),
  number: z.int().optional(),
  run: z.string().max(64).optional(),
  seen: z.record(z.string(), z.string().max(128)).optional(),
  left: z.boolean().optional(),
});

/** Participants meet on a Redis channel; the last whole message of each is kept under a key that expires. */
export class RedisTotalsTransport implements TotalsTransport {
  private readonly commands: ioredis.Redis;
  private readonly subscriber: ioredis.Redis;
  private readonly channel: string;
  private readonly keyPrefix: string;

  constructor(options: RedisTransportOptions) {
    const prefix = options.prefix ?? 'ecolink';
    this.channel = `${prefix}:totals`;
    this.keyPrefix = `${prefix}:totals:`;
    // Commands whose outcome is unknown are not sent again and none waits in a queue: the next synchronisation says it all.
    const shared = {
      connectTimeout: CONNECT_TIMEOUT_MS,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt: number) => Math.min(attempt * 50, RECONNECT_MAX_MS),
      lazyConnect: true,
    };
    // Loaded where there is a Redis: processes on one machine have none for its 45 files.
    const { Redis: Client } = createRequire(import.meta.url)('ioredis') as typeof ioredis;
    this.commands = new Client(options.url, {
      ...shared,
      commandTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
    this.subscriber = new Client(options.url, { ...shared, autoResubscribe: true });
    for (const client of [this.commands, this.subscriber]) client.on('error', () => undefined);
  }

  async publish(message: TotalsMessage): Promise<void> {
    await this.commands.publish(this.channel, JSON.stringify(message));
  }

  async keep(message: TotalsMessage, lifetimeMs: number): Promise<void> {
    await this.commands.set(this.keyPrefix + message.from, JSON.stringify(message), 'PX', lifetimeMs);
  }

  async drop(participant: string): Promise<void> {
    await this.commands.del(this.keyPrefix + participant);
  }

  async kept(): Promise<readonly TotalsMessage[]> {
    const keys: string[] = [];
    let cursor = '0';
    do {
      const [next, found] = await this.commands.scan(cursor, 'MATCH', `${this.keyPrefix}*`, 'COUNT', SCAN_COUNT);
      keys.push(...found);
      cursor = next;
    } while (cursor !== '0' && keys.length < KEPT_MAX);
    if (keys.length === 0) return [];
    const texts = await this.commands.mget(keys);
    return texts.flatMap((text) => (text === null ? [] : (parseMessage(text) ?? [])));
  }

  async open(onMessage: (message: TotalsMessage) => void): Promise<void> {
    this.subscriber.on('message', (_channel: string, text: string) => {
      const message = parseMessage(text);
      if (message !== undefined) onMessage(message);
    });
    // Down at the start is the same as down later: both connect when they can.
    await Promise.all([this.commands.connect().catch(() => undefined), this.subscribe()]);
  }

  isConnected(): boolean {
    return this.commands.status === 'ready' && this.subscriber.status === 'ready';
  }

  async time(): Promise<number> {
    const [seconds, microseconds] = await this.commands.time();
    return Number(seconds) * MS_PER_SECOND + Number(microseconds) / MICROSECONDS_PER_MS;
  }

  close(): Promise<void> {
    this.commands.disconnect();
    this.subscriber.disconnect();
    return Promise.resolve();
  }

  private async subscribe(): Promise<void> {
    const subscribed = this.subscriber.connect().then(() => this.subscriber.subscribe(this.channel));
    await subscribed.catch(() => {
      this.subscriber.once('ready', () => void this.subscriber.subscribe(this.channel).catch(() => undefined));
    });
  }
}

function parseMessage(text: string): TotalsMessage | undefined {
  try {
    const result = totalsMessage.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

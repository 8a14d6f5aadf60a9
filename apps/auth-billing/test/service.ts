import { type CreatedApiKey, HEADER } from '@ecolink/contracts';
import { type Database, openDatabase } from '@ecolink/database';
import { createBus, DeadLetters, type EventBus } from '@ecolink/messaging';
import type { RunningService } from '@ecolink/service-kit';
import { createTestDatabase } from '@ecolink/testing';
import { startAuthBilling } from '../src/index.js';
import type { Clock, Settings } from '../src/injection.js';

export const INTERNAL_SECRET = 'internal-secret-of-tests';
export const ADMIN_TOKEN = 'admin-token-of-tests';

/** A clock that goes like any other, in the middle of a day and of a month: no test that lasts minutes sees the end of either. */
export const MID_MONTH: Clock = () => new Date(MIDDLE_MS + performance.now());
const MIDDLE_MS = Date.parse('2026-11-20T12:00:00.000Z');

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface CallOptions {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** The whole service over a real, fresh PostgreSQL and the embedded bus, or Kafka where brokers are given. */
export class TestService {
  private constructor(
    readonly database: Database,
    readonly bus: EventBus,
    readonly deadLetters: DeadLetters,
    readonly service: RunningService,
    private readonly closeDatabase: () => Promise<void>,
  ) {}

  static async start(
    clock: Clock = () => new Date(),
    kafkaBrokers?: string,
    settings: Partial<Settings> = {},
  ): Promise<TestService> {
    const created = await createTestDatabase();
    const database = openDatabase({ url: created.url });
    const kafka = kafkaBrokers === undefined ? {} : { kafkaBrokers };
    const bus = createBus({ clientId: 'test', databaseUrl: created.url, ...kafka });
    const adminTokens = new Map([[ADMIN_TOKEN, 'tester']]);
    const service = await startAuthBilling({
      host: '127.0.0.1',
      port: 0,
      database,
      bus,
      internalSecret: INTERNAL_SECRET,
      adminTokens,
      clock,
      settings,
    });
    return new TestService(database, bus, new DeadLetters({ databaseUrl: created.url }), service, () => created.close());
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.bus.close();
    await this.deadLetters.close();
    await this.database.close();
    await this.closeDatabase();
  }

  async call<Body = Record<string, never>>(method: string, path: string, options: CallOptions = {}): Promise<Answer<Body>> {
    const hasBody = options.body !== undefined;
    const response = await fetch(`${this.service.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...options.headers },
      ...(hasBody ? { body: JSON.stringify(options.body) } : {}),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : {}) as Body };
  }

  admin<Body = Record<string, never>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    return this.call<Body>(method, `/admin/v1${path}`, { body, headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers } });
  }

  internal<Body = Record<string, never>>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    return this.call<Body>(method, `/internal${path}`, { body, headers: { [HEADER.internalSecret]: INTERNAL_SECRET } });
  }

  /** A call with a key, as a customer makes it. */
  withKey<Body = Record<string, never>>(key: string, method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    return this.call<Body>(method, path, { body, headers: { authorization: `Bearer ${key}` } });
  }

  /** A new account with that balance. */
  async account(balanceNanoUsd = '0', name = 'acme'): Promise<string> {
    const { body } = await this.admin<{ id: string }>('POST', '/accounts', { name });
    if (balanceNanoUsd !== '0') await this.credit(body.id, balanceNanoUsd);
    return body.id;
  }

  credit(accountId: string, amountNanoUsd: string): Promise<Answer<{ id: string; balance_after_nano_usd: string }>> {
    return this.admin('POST', `/accounts/${accountId}/credits`, {
      amount_nano_usd: amountNanoUsd,
      type: 'bonus_grant',
      reason: 'test',
    });
  }

  async key(accountId: string, scopes: readonly string[] = ['management']): Promise<CreatedApiKey> {
    return (await this.admin<CreatedApiKey>('POST', `/accounts/${accountId}/api-keys`, { name: 'test', scopes })).body;
  }

  setPrice(target: string, prices: object): Promise<Answer<object>> {
    return this.internal('PUT', `/prices/${encodeURIComponent(target)}`, { prices });
  }

  async balance(accountId: string): Promise<string> {
    return (await this.admin<{ balance_nano_usd: string }>('GET', `/accounts/${accountId}`)).body.balance_nano_usd;
  }
}

import { randomBytes } from 'node:crypto';
import { type BusEvent, type DeploymentObserved, HEADER, type InstanceHealth, newId, TOPIC } from '@ecolink/contracts';
import { type Database, openDatabase } from '@ecolink/database';
import { createBus, type EventBus } from '@ecolink/messaging';
import type { RunningService } from '@ecolink/service-kit';
import { createTestDatabase, type TestDatabase, waitFor } from '@ecolink/testing';
import { startInstanceRegistry } from '../src/index.js';
import { Watchdog } from '../src/lifecycle/watchdog.js';
import { type AuthBillingStub, startAuthBillingStub } from './auth-billing-stub.js';

const SECRET = 'test-internal-secret';
const ADMIN_TOKEN = 'test-admin-token-0123';
/** For what comes soon on a machine that has nothing else to do. */
const PATIENCE_MS = 45_000;
/** A port of "the product" on loopback, for the rule that pods may not be there. */
export const OWN_PORT = 18_080;

export interface Answer {
  readonly status: number;
  // Bodies are looked into by tests only, field by field.
  readonly body: ReturnType<typeof JSON.parse>;
}

/** The registry over a real database and bus, with a stub in place of auth-billing. */
export class RegistryHarness {
  private sequence = Date.now();

  private constructor(
    readonly database: Database,
    readonly authBilling: AuthBillingStub,
    readonly bus: EventBus,
    private readonly server: TestDatabase,
    readonly service: RunningService,
  ) {}

  static async start(overrides: { podNetworks?: string[]; now?: () => Date } = {}): Promise<RegistryHarness> {
    const server = await createTestDatabase();
    const database = openDatabase({ url: server.url });
    const authBilling = await startAuthBillingStub(SECRET);
    const bus = createBus({ clientId: 'registry-test', databaseUrl: server.url });
    const service = await startInstanceRegistry({
      host: '127.0.0.1',
      port: 0,
      database,
      bus,
      internalSecret: SECRET,
      adminTokens: new Map([[ADMIN_TOKEN, 'tester']]),
      authBillingUrl: authBilling.url,
      podNetworks: overrides.podNetworks ?? ['127.0.0.0/8', '::1/128', '10.0.0.0/8'],
      ownPorts: [OWN_PORT],
      encryptionKey: randomBytes(32),
      ...(overrides.now === undefined ? {} : { now: overrides.now }),
    });
    const harness = new RegistryHarness(database, authBilling, bus, server, service);
    await harness.putRegion('mv');
    await harness.putRegion('ga');
    return harness;
  }

  get port(): number {
    return this.service.port;
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.bus.close();
    await this.authBilling.close();
    await this.database.close();
    await this.server.close();
  }

  /** What the watchdog does every few seconds, now, and by itself no more: it would pass over what its own sweep has in hand. */
  async sweep(): Promise<void> {
    const watchdog = this.service.app.get(Watchdog);
    await watchdog.beforeApplicationShutdown();
    await watchdog.sweep();
  }

  /** A management call of an account. */
  call(account: string, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.request(method, path, { authorization: `Bearer eco_${account}` }, body);
  }

  admin(method: string, path: string, body?: unknown, token = ADMIN_TOKEN): Promise<Answer> {
    return this.request(method, `/admin/v1${path}`, { authorization: `Bearer ${token}` }, body);
  }

  internal(path: string, secret = SECRET): Promise<Answer> {
    return this.request('GET', `/internal${path}`, { [HEADER.internalSecret]: secret });
  }

  async request(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.service.url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  async putRegion(code: string, overrides: Record<string, unknown> = {}): Promise<void> {
    const body = { name: code.toUpperCase(), gateway_url: `http://127.0.0.1:9/${code}`, driver: 'simulated', ...overrides };
    expect(await this.admin('PUT', `/regions/${code}`, body)).toMatchObject({ status: 200 });
  }

  async createModel(account: string, overrides: Record<string, unknown> = {}): Promise<string> {
    const body = {
      name: `m-${randomBytes(4).toString('hex')}`,
      category: 'chat',
      source: { kind: 'huggingface', repo: 'demo/my-llama' },
      ...overrides,
    };
    const answer = await this.call(account, 'POST', '/api/v1/models', body);
    expect(answer).toMatchObject({ status: 201 });
    return String(answer.body.id);
  }

  /** Launches on two simulated GPUs unless told otherwise. */
  async launch(account: string, overrides: Record<string, unknown> = {}): Promise<number> {
    const model_id = overrides['model_id'] ?? (await this.createModel(account));
    const gpu = { gpu_type: 'sim-small', gpu_count: 1, image: 'simulator' };
    const answer = await this.call(account, 'POST', '/api/v1/instances', {
      ...('pods' in overrides ? {} : gpu),
      ...overrides,
      model_id,
    });
    expect(answer).toMatchObject({ status: 201 });
    return Number(answer.body.id);
  }

  async get(account: string, id: number): Promise<Answer['body']> {
    return (await this.call(account, 'GET', `/api/v1/instances/${id}`)).body;
  }

  /** Publishes what a gateway would, and does not wait for it to be handled. */
  observe(
    id: number,
    region: string,
    pods: readonly Partial<DeploymentObserved['pods'][number]>[],
    rest: Partial<DeploymentObserved> = {},
  ): Promise<void> {
    this.sequence += 1;
    const since = new Date().toISOString();
    const data: DeploymentObserved = {
      instance_id: id,
      region,
      sequence: this.sequence,
      observed_at: since,
      ready_replica_seconds: 0,
      pods: pods.map((pod, index) => ({
        pod_id: `${region}-${index}`,
        state: 'ready',
        healthy: true,
        reason: null,
        since,
        ...pod,
      })),
      ...rest,
    };
    return this.bus.publish([eventOf(TOPIC.deploymentObserved, id, data)]);
  }

  /** Waits until the last observation has been handled, for what no view shows. */
  observed(id: number, region: string): Promise<boolean> {
    return waitFor(
      async () => {
        const where = { instanceId_region: { instanceId: id, region } };
        const row = await this.database.client.deploymentObservation.findUnique({ where });
        return row?.sequence === BigInt(this.sequence) ? true : undefined;
      },
      { timeoutMs: PATIENCE_MS, what: `the observation of instance ${id} in ${region} to be handled` },
    );
  }

  health(id: number, version: number, pods: InstanceHealth['pods']): Promise<void> {
    return this.bus.publish([eventOf(TOPIC.instanceHealthChanged, id, { instance_id: id, version, pods })]);
  }

  /** Waits until the instance looks as expected, and gives its view. */
  until(account: string, id: number, expected: Record<string, unknown>): Promise<Answer['body']> {
    const isAsExpected = (view: Record<string, unknown>): boolean =>
      Object.entries(expected).every(([name, value]) => view[name] === value);
    return waitFor(
      async () => {
        const view = await this.get(account, id);
        return isAsExpected(view) ? view : undefined;
      },
      { timeoutMs: PATIENCE_MS, what: `instance ${id} to be ${JSON.stringify(expected)}` },
    );
  }

  /** All events of a topic for a key, oldest first. */
  async events(topic: string, key: string): Promise<Answer['body'][]> {
    const rows = await this.database.client.busEvent.findMany({ where: { topic, key }, orderBy: { id: 'asc' } });
    return rows.map((row) => row.data);
  }
}

function eventOf(topic: string, instanceId: number, data: unknown): BusEvent {
  return { id: newId('evt'), source: 'test', topic, key: String(instanceId), occurredAt: new Date(), data };
}

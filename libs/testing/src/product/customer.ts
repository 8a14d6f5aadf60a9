import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../wait-for.js';
import { type Answer, mustSucceed, type ProductClient, type RequestOptions } from './product-client.js';

export interface CustomerOptions {
  /** 0 = an empty account. */
  readonly creditNanoUsd?: bigint;
  readonly plan?: string;
}

export interface Pod {
  readonly region: string;
  readonly url: string;
  readonly api_key?: string;
}

export interface LaunchOptions {
  readonly name?: string;
  readonly servedModelName?: string;
  readonly category?: string;
  readonly prices?: Readonly<Record<string, string>>;
  /** Further fields of the launch. */
  readonly launch?: Readonly<Record<string, unknown>>;
}

export interface LaunchedInstance {
  readonly id: number;
  /** `name:id` */
  readonly model: string;
}

/** Soon, on a machine that has nothing else to do. */
const RUNNING_TIMEOUT_MS = 90_000;
const PUSH_TIMEOUT_MS = 45_000;
/** Until several routers have heard of what one of them, or billing, was told. */
const SEVERAL_ROUTERS_MS = 1_000;
/** An account may make 600 management calls a minute, and a test waits for several things at once. */
const MANAGEMENT_POLL_MS = 250;
const POLL_MS = 50;

/** One dollar. */
export const DOLLAR_NANO_USD = 1_000_000_000n;

/** An account of its own for a test, with one key for calls and one for management. */
export class Customer {
  constructor(
    readonly product: ProductClient,
    readonly accountId: string,
    readonly key: string,
    readonly keyId: string,
    readonly managementKey: string,
  ) {}

  /** A public call with this customer's key. */
  request(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.product.request(path, { key: this.key, ...options });
  }

  open(path: string, options: RequestOptions = {}): Promise<Response> {
    return this.product.open(path, { key: this.key, ...options });
  }

  /** One chat completion; `further` fields join the body. */
  chat(model: string, further: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.request('/v1/chat/completions', { body: chatBody(model, further) });
  }

  openChat(model: string, further: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal): Promise<Response> {
    return this.open('/v1/chat/completions', { body: chatBody(model, further), ...(signal === undefined ? {} : { signal }) });
  }

  manage(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.product.management(method, path, body, this.managementKey);
  }

  credit(amountNanoUsd: bigint): Promise<void> {
    return giveCredit(this.product, this.accountId, amountNanoUsd);
  }

  async balance(): Promise<bigint> {
    const { body } = await mustSucceed(this.manage('GET', '/billing'));
    return BigInt(body.balance_nano_usd);
  }

  /** A further key of this account. */
  async createKey(fields: Readonly<Record<string, unknown>> = {}): Promise<{ id: string; key: string }> {
    const { body } = await mustSucceed(
      this.product.admin('POST', `/accounts/${this.accountId}/api-keys`, { name: 'test', ...fields }),
    );
    return body;
  }

  /** What billing says about one call, as soon as it says anything. */
  call(requestId: string, timeoutMs = PUSH_TIMEOUT_MS): Promise<Answer['body']> {
    return waitFor(
      async () => {
        const { body } = await mustSucceed(this.manage('GET', `/billing/calls?request_id=${requestId}`));
        return body.data[0];
      },
      { timeoutMs, intervalMs: 100, what: `call ${requestId} to reach billing` },
    );
  }

  /** Launches an instance on servers that already run, without waiting for it. */
  async launch(pods: readonly Pod[], options: LaunchOptions = {}): Promise<LaunchedInstance> {
    const source = { kind: 'external' };
    const served = options.servedModelName === undefined ? {} : { served_model_name: options.servedModelName };
    const model = {
      name: options.name ?? `m-${randomBytes(4).toString('hex')}`,
      category: options.category ?? 'chat',
      source,
      ...served,
    };
    const { body: created } = await mustSucceed(this.manage('POST', '/models', model));
    const { body } = await mustSucceed(this.manage('POST', '/instances', { model_id: created.id, pods, ...options.launch }));
    if (options.prices !== undefined) {
      await mustSucceed(this.product.admin('PATCH', `/instances/${body.id}`, { prices: options.prices }));
      await this.untilPriced(body.id, options.prices);
    }
    return { id: body.id, model: body.model };
  }

  /** Waits until the account sees these prices. */
  async untilPriced(id: number, prices: Readonly<Record<string, string>>): Promise<void> {
    await waitFor(
      async () => {
        const shown = (await mustSucceed(this.manage('GET', `/instances/${id}`))).body.prices;
        return (
          Object.keys(shown).length === Object.keys(prices).length &&
          Object.entries(prices).every(([name, value]) => shown[name] === value)
        );
      },
      { timeoutMs: PUSH_TIMEOUT_MS, intervalMs: MANAGEMENT_POLL_MS, what: `the prices of instance ${id}` },
    );
  }

  /** The same as `launch`, and waits until every pod is healthy and calls are served. */
  async launchAndWait(pods: readonly Pod[], options: LaunchOptions = {}): Promise<LaunchedInstance> {
    const instance = await this.launch(pods, options);
    await this.waitUntilHealthy(instance, pods.length);
    return instance;
  }

  async waitUntilHealthy(instance: LaunchedInstance, pods: number): Promise<void> {
    await waitFor(
      async () => {
        const { body } = await mustSucceed(this.manage('GET', `/instances/${instance.id}`));
        return body.state === 'running' && healthyPodsOf(body) === pods;
      },
      { timeoutMs: RUNNING_TIMEOUT_MS, intervalMs: MANAGEMENT_POLL_MS, what: `${pods} healthy pods of ${instance.model}` },
    );
    await this.product.everywhere(() => this.isServed(instance), {
      timeoutMs: RUNNING_TIMEOUT_MS,
      intervalMs: MANAGEMENT_POLL_MS,
      what: `every router to know ${instance.model}`,
    });
  }

  /** Whether the router would let a call through to the instance: a custom one is never in the list of models. */
  private async isServed({ id, model }: LaunchedInstance): Promise<boolean> {
    const { body } = await mustSucceed(this.request('/v1/models'));
    if (body.data.some((listed: { id: string }) => listed.id === model)) return true;
    const { body: instance } = await mustSucceed(this.manage('GET', `/instances/${id}`));
    if (instance.openai_compatible === true) return false;
    const { status, body: answer } = await this.request(
      `/inference-instances/${id}/proxy/${instance.custom_api_path.replace(/^\//, '')}`,
    );
    // An empty balance is refused later than an instance that is not known, not ready or not healthy.
    return status !== 503 && answer?.error?.code !== 'instance_not_found';
  }
}

/** A new account, made by an operator. */
export async function newCustomer(product: ProductClient, options: CustomerOptions = {}): Promise<Customer> {
  const plan = options.plan === undefined ? {} : { plan: options.plan };
  const { body: account } = await mustSucceed(product.admin('POST', '/accounts', { name: 'e2e', ...plan }));
  const key = async (scope: string): Promise<{ id: string; key: string }> =>
    (await mustSucceed(product.admin('POST', `/accounts/${account.id}/api-keys`, { name: scope, scopes: [scope] }))).body;
  // Before the keys: who knows them has been told of the credit.
  const credit = options.creditNanoUsd ?? DOLLAR_NANO_USD;
  if (credit !== 0n) await giveCredit(product, account.id, credit);
  const inference = await key('inference');
  const management = await key('management');
  const customer = new Customer(product, account.id, inference.key, inference.id, management.key);
  const areKnown = { timeoutMs: PUSH_TIMEOUT_MS, intervalMs: POLL_MS, what: 'every router to know new keys' };
  if (options.plan === undefined) {
    await product.everywhere(async () => (await customer.request('/v1/models')).status === 200, areKnown);
    return customer;
  }
  // Where a limit may be tight, looking would use it up: the key that was made last is refused before it is counted.
  const isRefused = async () => (await product.request('/v1/models', { key: management.key })).status === 403;
  await product.everywhere(isRefused, areKnown);
  if (product.routers > 1) await delay(SEVERAL_ROUTERS_MS);
  return customer;
}

async function giveCredit(product: ProductClient, accountId: string, amountNanoUsd: bigint): Promise<void> {
  const body = { amount_nano_usd: String(amountNanoUsd), type: 'admin_correction', reason: 'test' };
  await mustSucceed(product.admin('POST', `/accounts/${accountId}/credits`, body));
}

function chatBody(model: string, further: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { model, messages: [{ role: 'user', content: 'Hello' }], ...further };
}

function healthyPodsOf(instance: Answer['body']): number {
  const pods = instance.deployments.flatMap((deployment: { pods: { healthy: boolean }[] }) => deployment.pods);
  return pods.filter((pod: { healthy: boolean }) => pod.healthy).length;
}

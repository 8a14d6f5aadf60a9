import { seededDemoAccount, type SeededDemoAccount } from '@ecolink/contracts';
import type { ControlPlane } from '../supervise/control-plane.js';
import type { Secrets } from '../supervise/secrets.js';
import { DEMO_EMAIL, DEMO_INSTANCES, DEMO_PLATFORM_MODELS, DEMO_REGIONS } from './demo-data.js';
import { ProductClient } from './product-client.js';

type Owners = Pick<ControlPlane, 'authBillingUrl' | 'instanceRegistryUrl'>;

/** What making the demo needs to know, and where it keeps the keys that are shown once. */
export interface DemoSecrets {
  readonly values: Omit<Secrets, 'encryption_key'>;
  update(change: Partial<Pick<Secrets, 'api_key' | 'management_key' | 'seeded'>>): Promise<void>;
}

export interface Demo {
  readonly accountId: string;
  readonly instances: readonly DemoInstance[];
}

export interface DemoInstance {
  readonly id: number;
  /** `my-llama:142` */
  readonly model: string;
  readonly openai_compatible: boolean;
}

interface Listed<Item> {
  readonly data: readonly Item[];
}

/**
 * Makes the demo through the product's own APIs: regions, account, keys, models, instances, prices. Each step can be
 * repeated, so a start that was killed half way is finished by the next one; a finished demo is left as the user has it.
 */
export async function seedDemo(
  controlPlane: Owners,
  secrets: DemoSecrets,
  gatewayUrls: ReadonlyMap<string, string>,
  say: (text: string) => void = () => undefined,
): Promise<Demo> {
  const operator = { authorization: `Bearer ${secrets.values.admin_token}` };
  const registryAdmin = new ProductClient(controlPlane.instanceRegistryUrl, operator);
  await seedRegions(registryAdmin, gatewayUrls, secrets.values.seeded);
  const { account_id: accountId, created } = await seedAccount(controlPlane, secrets);
  const isFirst = !secrets.values.seeded;
  // The account of a demo that was finished was deleted: the next one gets instances of its own.
  if (created) await secrets.update({ seeded: false });
  await seedKeys(controlPlane, secrets, accountId, say);
  const customer = new ProductClient(controlPlane.instanceRegistryUrl, {
    authorization: `Bearer ${secrets.values.management_key ?? ''}`,
  });
  if (!secrets.values.seeded) {
    for (const model of isFirst ? DEMO_PLATFORM_MODELS : [])
      await registryAdmin.call('PUT', `/admin/v1/platform-models/${encodeURIComponent(model.id)}`, model.body);
    for (const instance of DEMO_INSTANCES) await seedInstance(customer, registryAdmin, instance);
    await secrets.update({ seeded: true });
  }
  // Asked as operator: whatever became of the customer's keys and account, the product starts.
  const { data } = await registryAdmin.call<Listed<DemoInstance>>('GET', `/admin/v1/instances?account_id=${accountId}&limit=100`);
  return { accountId, instances: [...data].sort((left, right) => left.id - right.id) };
}

/** A region that was made before only learns where its gateway is now: an operator may have changed the rest. */
async function seedRegions(
  registryAdmin: ProductClient,
  gatewayUrls: ReadonlyMap<string, string>,
  seeded: boolean,
): Promise<void> {
  for (const { code, name } of DEMO_REGIONS) {
    const gateway = { gateway_url: gatewayUrls.get(code) };
    if (seeded) await registryAdmin.call('PATCH', `/admin/v1/regions/${code}`, gateway);
    else await registryAdmin.call('PUT', `/admin/v1/regions/${code}`, { name, ...gateway, driver: 'simulated' });
  }
}

async function seedAccount(controlPlane: Owners, secrets: DemoSecrets): Promise<SeededDemoAccount> {
  const internal = new ProductClient(controlPlane.authBillingUrl, {
    'x-ecolink-internal-secret': secrets.values.internal_secret,
  });
  const body = { email: DEMO_EMAIL, password: secrets.values.demo_password };
  return seededDemoAccount.parse(await internal.call('POST', '/internal/seed-demo-account', body));
}

/** A key is shown once, so it is kept here as soon as it is made. */
async function seedKeys(
  controlPlane: Owners,
  secrets: DemoSecrets,
  accountId: string,
  say: (text: string) => void,
): Promise<void> {
  const admin = new ProductClient(controlPlane.authBillingUrl, { authorization: `Bearer ${secrets.values.admin_token}` });
  const create = (name: string, scopes: string[]): Promise<{ key: string }> =>
    admin.call('POST', `/admin/v1/accounts/${accountId}/api-keys`, { name, scopes });
  const { api_key: apiKey, management_key: managementKey } = secrets.values;
  if (apiKey === undefined || (await isRevoked(controlPlane, apiKey))) {
    if (apiKey !== undefined) say("the demo's API key is not valid any more; made a new one");
    await secrets.update({ api_key: (await create('demo', ['inference'])).key });
  }
  if (managementKey === undefined || (await isRevoked(controlPlane, managementKey))) {
    if (managementKey !== undefined) say("the demo's management key is not valid any more; made a new one");
    await secrets.update({ management_key: (await create('demo management', ['management'])).key });
  }
}

/** A key of the wrong scope or of a suspended account is refused with 403; 401 says that there is no such key any more. */
async function isRevoked(controlPlane: Owners, key: string): Promise<boolean> {
  const response = await fetch(`${controlPlane.authBillingUrl}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } });
  await response.body?.cancel();
  return response.status === 401;
}

async function seedInstance(
  customer: ProductClient,
  registryAdmin: ProductClient,
  wanted: (typeof DEMO_INSTANCES)[number],
): Promise<void> {
  const models = await customer.call<Listed<{ id: string; name: string }>>('GET', '/api/v1/models?limit=100');
  const model =
    models.data.find((candidate) => candidate.name === wanted.model.name) ??
    (await customer.call<{ id: string }>('POST', '/api/v1/models', wanted.model));
  const instances = await customer.call<Listed<{ id: number; model_id: string }>>('GET', '/api/v1/instances?limit=100');
  const instance =
    instances.data.find((candidate) => candidate.model_id === model.id) ??
    (await customer.call<{ id: number }>('POST', '/api/v1/instances', { ...wanted.launch, model_id: model.id }));
  if (wanted.prices !== undefined)
    await registryAdmin.call('PATCH', `/admin/v1/instances/${instance.id}`, { prices: wanted.prices });
}

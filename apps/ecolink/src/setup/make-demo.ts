import { ProductClient, until } from '../seed/product-client.js';
import { type Demo, seedDemo } from '../seed/seed-demo.js';
import { credentialsOf, writeCredentials } from '../supervise/credentials.js';
import { openDemoSecrets } from './demo-secrets.js';
import { readDemoEnvironment } from './setup-environment.js';

const READY_TIMEOUT_MS = 120_000;

/** Makes the demo through the services' APIs, waits until a router serves it, and writes `credentials.json`. Can be repeated. */
export async function makeDemo(variables: NodeJS.ProcessEnv): Promise<void> {
  const environment = readDemoEnvironment(variables);
  const secrets = await openDemoSecrets(environment);
  const owners = {
    authBillingUrl: environment.ECOLINK_AUTH_BILLING_URL,
    instanceRegistryUrl: environment.ECOLINK_REGISTRY_URL,
  };
  let demo: Demo | undefined;
  let reason: unknown;
  await until('making the demo', READY_TIMEOUT_MS, async () => {
    demo = await seedDemo(owners, secrets, environment.ECOLINK_GATEWAY_URLS).catch((error: unknown) => {
      reason = error;
      return undefined;
    });
    return demo !== undefined;
  }).catch((error: unknown) => {
    throw reason ?? error;
  });
  if (demo === undefined) return;
  const [first] = demo.instances;
  const customer = new ProductClient(environment.ECOLINK_ROUTER_URL, { authorization: `Bearer ${secrets.values.api_key ?? ''}` });
  await until('starting the demo', READY_TIMEOUT_MS, async () => {
    const { data } = await customer.call<{ data: { id: string }[] }>('GET', '/v1/models');
    return first === undefined || data.some((model) => model.id === first.model);
  });
  const credentials = credentialsOf(environment.ECOLINK_PUBLIC_URL, environment.ECOLINK_ADMIN_URL, secrets.values, demo);
  await writeCredentials(environment.ECOLINK_DATA_DIR, credentials);
}

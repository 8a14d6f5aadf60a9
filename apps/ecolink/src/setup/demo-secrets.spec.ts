import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDemoSecrets } from './demo-secrets.js';
import { type DemoEnvironment, readDemoEnvironment } from './setup-environment.js';

let environment: DemoEnvironment;

beforeEach(async () => {
  environment = readDemoEnvironment({
    ECOLINK_INTERNAL_SECRET: 'internal-secret-of-32-characters',
    ECOLINK_ADMIN_TOKEN: 'operators-token-of-many-characters',
    ECOLINK_DEMO_PASSWORD: 'demo-password',
    ECOLINK_AUTH_BILLING_URL: 'http://auth-billing:8080',
    ECOLINK_REGISTRY_URL: 'http://instance-registry:8080',
    ECOLINK_ROUTER_URL: 'http://router-1:8080',
    ECOLINK_GATEWAY_URLS: 'mv=http://gateway-mv:8080,ga=http://gateway-ga:8080',
    ECOLINK_PUBLIC_URL: 'https://localhost:8443',
    ECOLINK_ADMIN_URL: 'https://localhost:8444',
    ECOLINK_DATA_DIR: await mkdtemp(path.join(tmpdir(), 'ecolink-demo-')),
  });
});

afterEach(() => rm(environment.ECOLINK_DATA_DIR, { recursive: true }));

it('keeps the keys that are shown once, for its owner only, and the given secrets nowhere', async () => {
  const first = await openDemoSecrets(environment);
  await first.update({ api_key: 'eco_key' });
  await first.update({ seeded: true });
  const again = await openDemoSecrets(environment);
  expect(again.values).toMatchObject({ api_key: 'eco_key', seeded: true, admin_token: environment.ECOLINK_ADMIN_TOKEN });
  const file = path.join(environment.ECOLINK_DATA_DIR, 'demo.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).not.toContain(environment.ECOLINK_ADMIN_TOKEN);
});

it('reads a gateway for each region', () => {
  expect(environment.ECOLINK_GATEWAY_URLS.get('ga')).toBe('http://gateway-ga:8080');
  expect(() => readDemoEnvironment({ ECOLINK_GATEWAY_URLS: 'mv' })).toThrow('ECOLINK_GATEWAY_URLS');
});

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Secrets } from '../supervise/secrets.js';
import { SETTING_NAMES } from '@ecolink/auth-billing';
import { type ClusterShape, portOf, REGION_CODES, routerNames } from './cluster-state.js';
import type { Engines } from './engines.js';
import type { ServiceCommand } from './processes.js';

export interface ServiceCommandsOptions {
  readonly dataDirectory: string;
  readonly shape: ClusterShape;
  readonly engines: Engines;
  readonly secrets: Secrets;
  readonly podNetworks: string;
  /** Whose sign-up, mail, OpenID and payment settings auth-billing is given. */
  readonly settings: Readonly<Partial<Record<string, string>>>;
}

const HOST = '127.0.0.1';

/** One command for each service of a cluster: the apps' own entry files, told everything by their environment. */
export function serviceCommands(options: ServiceCommandsOptions): ServiceCommand[] {
  const { shape, engines, secrets } = options;
  const url = (name: string): string => `http://${HOST}:${portOf(shape, name)}`;
  const ownPorts = [
    shape.port,
    shape.admin_port,
    ...Object.values<number>(shape.services),
    engines.postgres.port,
    engines.redis.port,
    ...engines.kafka.brokers.map((broker) => broker.port),
  ];
  const everybody = {
    KAFKA_BROKERS: engines.kafka.bootstrap,
    ECOLINK_INTERNAL_SECRET: secrets.internal_secret,
    ECOLINK_HOST: HOST,
  };
  const owner = { ...everybody, DATABASE_URL: engines.postgres.url, ECOLINK_ADMIN_TOKENS: `admin=${secrets.admin_token}` };
  const pods = { ECOLINK_POD_NETWORKS: options.podNetworks, ECOLINK_OWN_PORTS: ownPorts.join(',') };
  const service = (name: string, app: string, environment: Record<string, string>): ServiceCommand => ({
    name,
    file: process.execPath,
    args: ['--enable-source-maps', entryOf(app)],
    environment: { ...environment, ECOLINK_PORT: String(portOf(shape, name)) },
  });
  return [
    service('auth-billing', 'auth-billing', {
      ...owner,
      ...pods,
      ...Object.fromEntries(SETTING_NAMES.map((setting) => [setting, options.settings[setting] ?? ''])),
      ECOLINK_PUBLIC_URL: options.settings['ECOLINK_PUBLIC_URL'] ?? `http://${shape.host}:${shape.port}`,
    }),
    service('instance-registry', 'instance-registry', {
      ...owner,
      ...pods,
      ECOLINK_AUTH_BILLING_URL: url('auth-billing'),
      ECOLINK_ENCRYPTION_KEY: secrets.encryption_key,
    }),
    service('health-checker', 'health-checker', {
      ...everybody,
      DATABASE_URL: engines.postgres.url,
      ECOLINK_REGISTRY_URL: url('instance-registry'),
    }),
    ...REGION_CODES.map((region) =>
      service(`gateway-${region}`, 'region-gateway', {
        ...everybody,
        ...pods,
        ECOLINK_REGION: region,
        ECOLINK_DATA_DIR: options.dataDirectory,
        ECOLINK_REGISTRY_URL: url('instance-registry'),
        ECOLINK_SIMULATOR_MAIN: entryOf('model-simulator'),
      }),
    ),
    ...routerNames(shape.routers).map((name) =>
      service(name, 'router', {
        ...everybody,
        REDIS_URL: engines.redis.url,
        ECOLINK_ROUTER_ID: name,
        // The edge stands on this machine: what it says of a client's address is believed.
        ECOLINK_TRUSTED_PROXIES: '127.0.0.0/8,::1/128',
        ECOLINK_ADMIN_PORT: String(portOf(shape, `${name}-admin`)),
        ECOLINK_DATA_DIR: path.join(options.dataDirectory, name),
        ECOLINK_JOURNAL_DIR: path.join(options.dataDirectory, 'journal'),
        ECOLINK_AUTH_BILLING_URL: url('auth-billing'),
        ECOLINK_REGISTRY_URL: url('instance-registry'),
        ECOLINK_HEALTH_CHECKER_URL: url('health-checker'),
      }),
    ),
  ];
}

function entryOf(app: string): string {
  return fileURLToPath(import.meta.resolve(`@ecolink/${app}`)).replace(/index\.js$/, 'main.js');
}

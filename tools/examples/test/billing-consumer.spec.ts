import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BusEvent, type LedgerPosted, newId, partitionOf, TOPIC, type UsageRecorded } from '@ecolink/contracts';
import { createBus, ensureTopics, type EventBus } from '@ecolink/messaging';
import { waitFor } from '@ecolink/testing';
import kafkajs from 'kafkajs';
import { type KafkaCluster, startKafka } from '../../engines/kafka.mjs';

const MAIN = fileURLToPath(new URL('../billing-consumer/main.mjs', import.meta.url));
const SETUP_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 240_000;
const ACCOUNTS = ['acc_ann', 'acc_ben', 'acc_cleo', 'acc_dora'];
const TOKENS_PER_CALL = 1_000;

let dataDir: string;
let cluster: KafkaCluster;
let bus: EventBus;
/** What the ledger says by now; every account opens at 0. */
const ledger = new Map<string, { balance: bigint; transactions: number }>();
const children = new Set<ChildProcess>();

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'ecolink-billing-consumer-'));
  cluster = await startKafka({ dataDir });
  await ensureTopics({ brokers: cluster.bootstrap });
  bus = createBus({ clientId: 'test', kafkaBrokers: cluster.bootstrap });
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await bus?.close();
  await cluster?.stop();
  await rm(dataDir, { recursive: true, force: true });
}, SETUP_TIMEOUT_MS);

/** The next transaction of an account: amounts above 2^53, which a float would round. */
function posted(accountId: string): BusEvent<LedgerPosted> {
  const before = ledger.get(accountId) ?? { balance: 0n, transactions: 0 };
  const amount = before.transactions === 0 ? 9_007_199_254_740_993n : -BigInt(before.transactions * 1_000_003);
  const balance = before.balance + amount;
  ledger.set(accountId, { balance, transactions: before.transactions + 1 });
  const occurredAt = new Date();
  const id = newId('txn');
  const data: LedgerPosted = {
    transaction_id: id,
    account_id: accountId,
    type: before.transactions === 0 ? 'topup' : 'api_usage',
    amount_nano_usd: String(amount),
    balance_after_nano_usd: String(balance),
    description: 'test',
    cause: { kind: 'usage_event', id },
    instance_id: 142,
    occurred_at: occurredAt.toISOString(),
    entries: [
      { ledger_account: `account:${accountId}`, amount_nano_usd: String(amount) },
      { ledger_account: 'revenue', amount_nano_usd: String(-amount) },
    ],
  };
  return { id, source: 'auth-billing', topic: TOPIC.ledgerPosted, key: accountId, occurredAt, data };
}

function used(accountId: string): BusEvent<Pick<UsageRecorded, 'account_id' | 'units'>> {
  const data = { account_id: accountId, units: { requests: 1, input_tokens: TOKENS_PER_CALL } };
  return { id: newId('evt'), source: 'router/test', topic: TOPIC.usageRecorded, key: accountId, occurredAt: new Date(), data };
}

/** Some transactions of every account with a call each, published twice, as after a lost acknowledgement. */
async function publishRound(transactionsPerAccount: number): Promise<void> {
  const events = ACCOUNTS.flatMap((account) =>
    Array.from({ length: transactionsPerAccount }, () => [posted(account), used(account)]).flat(),
  );
  await bus.publish(events);
  await bus.publish(events);
}

function start(statePath: string, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, '--brokers', cluster.bootstrap, '--state', statePath, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  return child;
}

async function run(statePath: string, ...args: string[]): Promise<ReturnType<typeof JSON.parse>> {
  const child = start(statePath, ...args);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, text]).toEqual([0, expect.stringContaining('{')]);
  return JSON.parse(text);
}

/** The report holds exactly what was published, each event once. */
function expectExact(report: ReturnType<typeof JSON.parse>): void {
  const counts = [...ledger].map(([id, { balance, transactions }]) => [
    id,
    '0',
    String(balance),
    transactions,
    { calls: String(transactions), requests: String(transactions), input_tokens: String(transactions * TOKENS_PER_CALL) },
  ]);
  const found = ACCOUNTS.map((id) => {
    const { opening_nano_usd: opening, balance_nano_usd: balance, transactions, usage } = report.accounts[id];
    return [id, opening, balance, transactions, usage];
  });
  expect(found).toEqual(counts);
  expect(report.problems).toEqual({ count: 0, first: [] });
}

function transactionsIn(statePath: string): number {
  if (!existsSync(statePath)) return 0;
  const { accounts } = JSON.parse(readFileSync(statePath, 'utf8'));
  return ACCOUNTS.reduce((total, id) => total + Number(accounts[id]?.transactions ?? 0), 0);
}

describe('balances kept from the events of Kafka', () => {
  it(
    'are exact after a restart, after a kill -9 in the middle, and from the beginning',
    async () => {
      const statePath = path.join(dataDir, 'state.json');
      await publishRound(20);
      const first = await run(statePath, '--from-beginning');
      expectExact(first);
      // Each event had one copy; a place that was not saved with the balances would make more.
      expect(first.repeated).toBe(ACCOUNTS.length * 20 * 2);

      await publishRound(20);
      expectExact(await run(statePath));

      // Killed once it has saved some of what follows, and while more is to come.
      const before = transactionsIn(statePath);
      const follower = start(statePath, '--follow');
      await publishRound(50);
      await waitFor(() => transactionsIn(statePath) > before, { timeoutMs: 60_000, what: 'something to be saved' });
      await publishRound(50);
      follower.kill('SIGKILL');
      const resumed = await run(statePath);
      expectExact(resumed);
      expect(resumed.repeated).toBe(ACCOUNTS.length * 140 * 2);

      const replayed = await run(path.join(dataDir, 'another-state.json'), '--from-beginning');
      expectExact(replayed);
      expect(replayed).toEqual(resumed);
      expect(await run(statePath)).toEqual(resumed);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'show where an event is missing, since each says what the balance has to be by then',
    async () => {
      const lost = posted('acc_emil');
      const after = posted('acc_ann');
      const missing = posted('acc_ann');
      const last = posted('acc_ann');
      await bus.publish([lost, after, last]);
      const statePath = path.join(dataDir, 'gap.json');
      const child = start(statePath);
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
      expect(JSON.parse(text).problems).toEqual({ count: 1, first: [expect.stringContaining(last.id)] });
      expect(text).not.toContain(missing.id);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'are refused when events were deleted before they were read',
    async () => {
      const statePath = path.join(dataDir, 'late.json');
      const gap = posted('acc_fay');
      await bus.publish([gap]);
      const early = start(statePath);
      await new Promise((resolve) => early.once('close', resolve));
      const next = posted('acc_fay');
      await bus.publish([next, next]);
      await deleteRecords(partitionOf(TOPIC.ledgerPosted, 'acc_fay'));
      const late = start(statePath);
      let text = '';
      late.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      expect(await new Promise((resolve) => late.once('close', resolve))).toBe(1);
      expect(text).toMatch(/2 events were deleted before they were read/);
    },
    TEST_TIMEOUT_MS,
  );
});

/** What retention does to a partition whose records are all old. */
async function deleteRecords(partition: number): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: cluster.bootstrap.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  // kafkajs deletes only where it has learned who leads the partitions.
  await admin.fetchTopicOffsets(TOPIC.ledgerPosted);
  await admin.deleteTopicRecords({ topic: TOPIC.ledgerPosted, partitions: [{ partition, offset: '-1' }] });
  await admin.disconnect();
}

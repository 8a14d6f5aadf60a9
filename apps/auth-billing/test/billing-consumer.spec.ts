import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { ADMIN_TOKEN, TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const MAIN = fileURLToPath(new URL('../../../tools/examples/billing-consumer/main.mjs', import.meta.url));

let service: TestService;
let directory: string;

beforeAll(async () => {
  service = await TestService.start(undefined, undefined, { testPayments: true });
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-billing-consumer-'));
}, 120_000);

afterAll(async () => {
  await service?.close();
  await rm(directory, { recursive: true, force: true });
});

interface Run {
  readonly code: number | null;
  readonly report: ReturnType<typeof JSON.parse>;
}

async function run(...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, '--admin-url', service.service.url, '--json', ...args], {
    cwd: directory,
    env: { ...process.env, ECOLINK_ADMIN_TOKEN: ADMIN_TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, report: JSON.parse(text) };
}

async function callAndPay(account: string, calls: number): Promise<void> {
  const before = BigInt(await service.balance(account));
  await service.bus.publish(Array.from({ length: calls }, () => usageEvent(account)));
  await waitFor(async () => BigInt(await service.balance(account)) === before - BigInt(calls) * 180_001n, {
    timeoutMs: 60_000,
    what: 'the calls to be billed',
  });
}

describe('the example of a billing consumer, over the operators\u2019 API', () => {
  it('finds exactly the balances of the product from its events alone, in parts or from the beginning', async () => {
    await service.setPrice('instance:142', {
      input_nano_usd_per_1m_tokens: '80000000',
      output_nano_usd_per_1m_tokens: '1000000001',
    });
    const accounts = [await service.account('10000000000'), await service.account('9007199254740993'), await service.account()];
    const [first = '', second = '', empty = ''] = accounts;
    await callAndPay(first, 7);
    const one = await run('--compare');
    expect(one).toMatchObject({ code: 0, report: { differences: [], problems: { count: 0 } } });

    await callAndPay(second, 5);
    await service.credit(first, '-123');
    const two = await run('--compare');
    expect(two).toMatchObject({ code: 0, report: { differences: [], problems: { count: 0 } } });
    expect(two.report.accounts[first]).toMatchObject({
      balance_nano_usd: await service.balance(first),
      transactions: 9,
      usage: { calls: '7', input_tokens: '7000', output_tokens: '700' },
    });
    expect(two.report.accounts[empty]).toMatchObject({ transactions: 0, announced_nano_usd: '0' });

    const replayed = await run('--compare', '--from-beginning', '--state', 'another.json');
    expect(replayed.report.accounts).toEqual(two.report.accounts);
  }, 180_000);

  it('finds them with holds and top-ups too, and of accounts whose events are past their retention', async () => {
    await service.setPrice('gpu:l4', { nano_usd_per_gpu_hour: '1000000' });
    const [busy, quiet] = [await service.account('10000000000'), await service.account('777')];
    const { key } = await service.key(busy);
    const capacity = { account_id: busy, gpu_type: 'l4', gpu_count: 2, replicas: 1 };
    expect((await service.internal('PUT', '/holds/900/1', capacity)).status).toBe(200);
    expect((await service.internal('PUT', '/holds/901/1', capacity)).status).toBe(200);
    expect((await service.internal('DELETE', '/holds/901/1')).status).toBe(204);
    const paid = await service.withKey(key, 'POST', '/api/v1/billing/top-ups', { amount_nano_usd: '5000000000' });
    expect(paid.status).toBe(201);
    await service.database.client.$executeRaw`DELETE FROM bus_events WHERE topic = ${TOPIC.ledgerPosted} AND key = ${quiet}`;
    const { code, report } = await run('--compare', '--from-beginning', '--state', 'holds.json');
    expect({ code, differences: report.differences, problems: report.problems }).toEqual({
      code: 0,
      differences: [],
      problems: { count: 0, first: [] },
    });
    expect(report.accounts[busy].by_type).toEqual({
      ...{ bonus_grant: '10000000000', topup: '5000000000', hold: '-96000000', hold_release: '48000000' },
    });
    expect(report.accounts[quiet]).toMatchObject({ transactions: 0, announced_nano_usd: '777' });
  }, 180_000);
});

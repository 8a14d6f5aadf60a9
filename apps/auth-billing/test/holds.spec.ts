import {
  type BillingSummary,
  type DeploymentMetered,
  type HoldState,
  type HoldView,
  type InstanceRecord,
  newId,
  type NotificationRaised,
  TOPIC,
} from '@ecolink/contracts';
import { instanceRecord, waitFor } from '@ecolink/testing';
import { TestService } from './service.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TEST_TIMEOUT_MS = 120_000;
const RATE = '1600000000';

let service: TestService;
let now = new Date('2026-11-30T00:00:00.000Z').getTime();
let instances = 100;
let versions = 0;

beforeAll(async () => {
  service = await TestService.start(() => new Date(now));
  await service.setPrice('gpu:h100', { nano_usd_per_gpu_hour: RATE });
}, TEST_TIMEOUT_MS);
afterAll(() => service.close(), TEST_TIMEOUT_MS);

const pass = (ms: number): void => void (now += ms);
const capacity = (account: string) => ({ account_id: account, gpu_type: 'h100', gpu_count: 4, replicas: 2 });
const takeHold = (account: string, instance: number, run = 1) =>
  service.internal<HoldView & { error?: { code: string } }>('PUT', `/holds/${instance}/${run}`, capacity(account));

function instanceOf(
  account: string,
  instance: number,
  overrides: Partial<InstanceRecord> & { readySeconds?: number },
): InstanceRecord {
  versions += 1;
  const { readySeconds = 0, ...others } = overrides;
  return {
    ...instanceRecord({ instance_id: instance, account_id: account, created_at: new Date(now).toISOString() }),
    ...{ version: versions, run: 1 },
    deployments: ['mv', 'ga'].map((region) => ({ region, pods_desired: 1, ready_replica_seconds: readySeconds })),
    ...others,
  };
}

async function observe(record: InstanceRecord): Promise<void> {
  await service.bus.publish([
    {
      ...{ id: newId('evt'), source: 'test', topic: TOPIC.instanceChanged, key: String(record.instance_id) },
      ...{ occurredAt: new Date(now), data: record },
    },
  ]);
  await waitFor(
    async () => {
      const rows = await service.database.client.meteredInstance.findMany({ where: { instanceId: BigInt(record.instance_id) } });
      return rows[0]?.version === record.version;
    },
    { timeoutMs: 30_000, what: 'the instance to be metered' },
  );
}

const meter = (region: string, deployments: DeploymentMetered['deployments']) =>
  service.bus.publish([
    {
      ...{ id: newId('evt'), source: 'test', topic: TOPIC.deploymentMetered, key: region },
      ...{ occurredAt: new Date(now), data: { region, deployments } satisfies DeploymentMetered },
    },
  ]);

const moneyOf = async (account: string) => {
  const row = await service.database.client.balance.findUniqueOrThrow({ where: { accountId: account } });
  return { available: row.balanceNanoUsd, held: row.heldNanoUsd };
};
const moneyIs = (account: string, available: bigint, held: bigint) =>
  waitFor(
    async () => {
      const money = await moneyOf(account);
      return money.available === available && money.held === held;
    },
    { timeoutMs: 30_000, what: `${available} available and ${held} held` },
  );
const events = async <Data>(topic: string) =>
  (await service.admin<{ data: { data: Data }[] }>('GET', `/events?topic=${topic}&limit=1000`)).body.data.map(({ data }) => data);
const typesOf = async (account: string) =>
  (await service.database.client.ledgerTransaction.findMany({ where: { accountId: account }, orderBy: { sequence: 'asc' } })).map(
    ({ type, amountNanoUsd }) => [type, amountNanoUsd],
  );

describe('a hold', () => {
  it('is $307.20 for the documents\u2019 example, taken once however often it is asked for', async () => {
    const account = await service.account('400000000000');
    const instance = (instances += 1);
    const first = await takeHold(account, instance);
    expect([first.status, first.body.hold_nano_usd]).toEqual([200, '307200000000']);
    expect((await takeHold(account, instance)).body).toEqual(first.body);
    expect(await moneyOf(account)).toEqual({ available: 92_800_000_000n, held: 307_200_000_000n });
    const other = await service.internal('PUT', `/holds/${instance}/1`, { ...capacity(account), gpu_count: 1 });
    expect(other.status).toBe(409);
  });

  it('is refused with 402 when the balance is short, and nothing is taken', async () => {
    const account = await service.account('307199999999');
    const instance = (instances += 1);
    const refused = await takeHold(account, instance);
    expect([refused.status, refused.body.error?.code]).toEqual([402, 'insufficient_balance']);
    expect(await moneyOf(account)).toEqual({ available: 307_199_999_999n, held: 0n });
    const quote = await service.internal('POST', '/holds/quote', capacity(account));
    expect(quote.body).toEqual({ hourly_rate_nano_usd: RATE, hold_nano_usd: '307200000000', affordable: false });
  });

  it('is told with what is used of it, and the unspent parts add up to what is held', async () => {
    const account = await service.account('1000000000000');
    const { key } = await service.key(account);
    const [used, fresh] = [(instances += 1), (instances += 1)];
    await takeHold(account, used);
    await observe(instanceOf(account, used, {}));
    pass(2 * HOUR_MS);
    await observe(instanceOf(account, used, { readySeconds: 2 * 3_600 }));
    await takeHold(account, fresh);
    const { body } = await service.withKey<BillingSummary>(key, 'GET', '/api/v1/billing');
    expect(body.holds).toEqual([
      { instance_id: fresh, hold_nano_usd: '307200000000', used_nano_usd: '0' },
      // 2 replicas × 2 h × 4 GPUs × $1.60.
      { instance_id: used, hold_nano_usd: '307200000000', used_nano_usd: '25600000000' },
    ]);
    const unspent = body.holds.reduce((sum, hold) => sum + BigInt(hold.hold_nano_usd) - BigInt(hold.used_nano_usd), 0n);
    expect(body.held_nano_usd).toBe(String(unspent));
  });

  it('that no launch confirms within five minutes is given back, and so is one whose launch did not commit', async () => {
    const account = await service.account('700000000000');
    const [dropped, forgotten] = [(instances += 1), (instances += 1)];
    await takeHold(account, dropped);
    await takeHold(account, forgotten);
    expect((await service.internal('DELETE', `/holds/${dropped}/1`)).status).toBe(204);
    expect(await moneyOf(account)).toEqual({ available: 392_800_000_000n, held: 307_200_000_000n });
    pass(5 * 60_000);
    await moneyIs(account, 700_000_000_000n, 0n);
  });

  it.each([0, -1, 1.5, '1e3', ' 4', 2_000])('of %p GPUs is refused by name', async (gpu_count) => {
    const account = await service.account('1');
    const refused = await service.internal<{ error: { param: string } }>('PUT', '/holds/99/1', {
      ...capacity(account),
      gpu_count,
    });
    expect([refused.status, refused.body.error.param]).toEqual([400, 'gpu_count']);
  });
});

describe('a cycle', () => {
  it(
    'charges ready time only, is renewed whole, then in part with one warning, and ends for want of credit',
    async () => {
      const account = await service.account('400000000000');
      const instance = (instances += 1);
      await takeHold(account, instance);
      await observe(instanceOf(account, instance, {}));
      pass(20 * HOUR_MS);
      await observe(instanceOf(account, instance, { readySeconds: 20 * 3_600 }));
      pass(4 * HOUR_MS);
      // 2 replicas × 20 h × 4 GPUs × $1.60 = $256; $144 are left, which is less than a whole hold.
      await moneyIs(account, 0n, 144_000_000_000n);
      pass(11.25 * HOUR_MS);
      await observe(instanceOf(account, instance, { readySeconds: 31.25 * 3_600 }));
      await waitFor(
        async () =>
          (await events<HoldState>(TOPIC.holdChanged)).some(
            (hold) => hold.instance_id === instance && hold.status === 'depleted',
          ),
        {
          timeoutMs: 30_000,
          what: 'the run to be depleted',
        },
      );
      expect(await moneyOf(account)).toEqual({ available: 0n, held: 0n });
      expect(await typesOf(account)).toEqual([
        ['bonus_grant', 400_000_000_000n],
        ['hold', -307_200_000_000n],
        ['hold_release', 307_200_000_000n],
        ['gpu_usage', -256_000_000_000n],
        ['hold', -144_000_000_000n],
        ['hold_release', 144_000_000_000n],
        ['gpu_usage', -144_000_000_000n],
      ]);
      const notices = (await events<NotificationRaised>(TOPIC.notificationRaised)).filter((each) => each.account_id === account);
      expect(notices.map(({ kind, severity }) => [kind, severity])).toEqual([
        ['partial_hold', 'warning'],
        ['instance_terminated', 'critical'],
      ]);
      await service.credit(account, '1000000000000');
      await observe(
        instanceOf(account, instance, { state: 'terminated', desired_state: 'terminated', readySeconds: 31.25 * 3_600 }),
      );
      expect(await moneyOf(account)).toEqual({ available: 1_000_000_000_000n, held: 0n });
    },
    TEST_TIMEOUT_MS,
  );

  it('of a start that failed costs nothing, and one that was down for days misses nothing', async () => {
    const account = await service.account('3000000000000');
    const [failed, late] = [(instances += 1), (instances += 1)];
    await takeHold(account, failed);
    await observe(instanceOf(account, failed, { state: 'failed' }));
    await moneyIs(account, 3_000_000_000_000n, 0n);
    await takeHold(account, late);
    await observe(instanceOf(account, late, {}));
    pass(3 * DAY_MS + HOUR_MS);
    await observe(instanceOf(account, late, { readySeconds: 73 * 3_600 }));
    pass(HOUR_MS);
    await observe(instanceOf(account, late, { state: 'stopped', desired_state: 'stopped', readySeconds: 74 * 3_600 }));
    // 2 replicas × 74 h × 4 GPUs × $1.60
    await moneyIs(account, 3_000_000_000_000n - 947_200_000_000n, 0n);
    await observe(instanceOf(account, late, { state: 'stopped', desired_state: 'stopped', readySeconds: 74 * 3_600 + 9 }));
    await moneyIs(account, 3_000_000_000_000n - 947_200_000_000n - 32_000_000n, 0n);
    const balance = await service.admin<{ balanced: boolean; problems: string[] }>('GET', '/ledger/trial-balance');
    expect(balance.body).toMatchObject({ balanced: true, problems: [] });
  }, 120_000);

  it('is used by ready time that comes by itself, once however often and late it comes, and after its end too', async () => {
    const account = await service.account('1000000000000');
    const { key } = await service.key(account);
    const instance = (instances += 1);
    await takeHold(account, instance);
    await observe(instanceOf(account, instance, {}));
    const usedOf = async () =>
      (await service.withKey<BillingSummary>(key, 'GET', '/api/v1/billing')).body.holds[0]?.used_nano_usd;
    const usedIs = (nanoUsd: string) =>
      waitFor(async () => (await usedOf()) === nanoUsd, { timeoutMs: 30_000, what: `${nanoUsd} used` });
    pass(2 * HOUR_MS);
    await meter('mv', [{ instance_id: instance, ready_replica_seconds: 7_200 }]);
    await meter('ga', [
      { instance_id: instance, ready_replica_seconds: 7_200 },
      { instance_id: 99_999, ready_replica_seconds: 5 },
    ]);
    // 2 replicas × 2 h × 4 GPUs × $1.60.
    await usedIs('25600000000');
    await meter('mv', [{ instance_id: instance, ready_replica_seconds: 3_600 }]);
    await meter('ga', [{ instance_id: instance, ready_replica_seconds: 7_200 }]);
    await meter('ga', [{ instance_id: instance, ready_replica_seconds: 10_800 }]);
    await usedIs('32000000000');
    await observe(instanceOf(account, instance, { state: 'stopped', desired_state: 'stopped', readySeconds: 7_200 }));
    await moneyIs(account, 1_000_000_000_000n - 32_000_000_000n, 0n);
    await meter('mv', [{ instance_id: instance, ready_replica_seconds: 10_800 }]);
    await moneyIs(account, 1_000_000_000_000n - 38_400_000_000n, 0n);
  }, 120_000);
});

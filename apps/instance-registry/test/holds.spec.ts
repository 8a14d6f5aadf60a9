import { type HoldState, newId, TOPIC } from '@ecolink/contracts';
import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;
/** Each makes several launches over a real database. */
const PATIENCE_MS = 180_000;
const priced = { gpu_type: 'h100-80gb', gpu_count: 2 };

beforeAll(async () => {
  registry = await RegistryHarness.start();
  await registry.database.client.gpuCapacity.createMany({
    data: ['mv', 'ga'].map((region) => ({ gpuType: 'h100-80gb', region, gpus: 4 })),
  });
  for (const account of ['acc_a', 'acc_b']) registry.authBilling.balances.set(account, 10_000_000_000_000n);
}, 180_000);

afterAll(() => registry.close());

/** What auth-billing says of a run's hold. */
function tell(id: number, run: number, version: number, overrides: Partial<HoldState> = {}): Promise<void> {
  const data: HoldState = {
    version,
    instance_id: id,
    account_id: 'acc_a',
    run,
    status: 'held',
    cycle: 1,
    hourly_rate_nano_usd: '3200000000',
    hold_nano_usd: '5',
    partial: false,
    cycle_started_at: '2026-11-30T00:00:00.000Z',
    cycle_ends_at: '2026-12-01T00:00:00.000Z',
    ...overrides,
  };
  const event = { id: newId('evt'), source: 'test', topic: TOPIC.holdChanged, key: String(id), occurredAt: new Date(), data };
  return registry.bus.publish([event]);
}

async function stopped(id: number): Promise<void> {
  await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/stop`);
  for (const region of ['mv', 'ga']) await registry.observe(id, region, []);
  await registry.until('acc_a', id, { state: 'stopped' });
}

it(
  'a launch holds money for its replicas first, and shows rate, hold and end of the cycle',
  async () => {
    const id = await registry.launch('acc_a', priced);
    expect(registry.authBilling.holds.get(`${id}/1`)).toEqual({
      account_id: 'acc_a',
      gpu_type: 'h100-80gb',
      gpu_count: 2,
      replicas: 2,
    });
    expect(await registry.get('acc_a', id)).toMatchObject({
      hourly_rate_nano_usd: '3200000000',
      hold_nano_usd: '307200000000',
      cycle_ends_at: '2030-01-01T00:00:00.000Z',
    });
    const [record] = await registry.events(TOPIC.instanceChanged, String(id));
    expect(record).toMatchObject({ run: 1, gpu_type: 'h100-80gb', gpu_count: 2 });
  },
  PATIENCE_MS,
);

it(
  'a launch that does not commit gives its hold back',
  async () => {
    registry.authBilling.holds.clear();
    const model_id = await registry.createModel('acc_b');
    const bodies = Array.from({ length: 3 }, () => ({ model_id, ...priced, image: 'simulator' }));
    // There is room for one more.
    const answers = await Promise.all(bodies.map((body) => registry.call('acc_b', 'POST', '/api/v1/instances', body)));
    const launched = answers.filter(({ status }) => status === 201);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect([...registry.authBilling.holds.keys()]).toEqual(launched.map(({ body }) => `${body.id}/1`));
    await registry.call('acc_b', 'POST', `/api/v1/instances/${launched[0]?.body.id}/terminate`);
  },
  PATIENCE_MS,
);

it(
  'each start is a run with a hold of its own, and one that is short of money does not begin',
  async () => {
    const id = await registry.launch('acc_a');
    await stopped(id);
    expect(await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`)).toMatchObject({ status: 200 });
    expect(registry.authBilling.holds.has(`${id}/2`)).toBe(true);
    expect((await registry.events(TOPIC.instanceChanged, String(id))).at(-1)).toMatchObject({ run: 2, desired_state: 'running' });
    await stopped(id);
    registry.authBilling.rates.set('sim-small', 10n ** 15n);
    expect(await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`)).toMatchObject({
      status: 402,
      body: { error: { code: 'insufficient_balance' } },
    });
    registry.authBilling.rates.delete('sim-small');
    expect(registry.authBilling.holds.has(`${id}/3`)).toBe(false);
    expect(await registry.get('acc_a', id)).toMatchObject({ desired_state: 'stopped' });
  },
  PATIENCE_MS,
);

it(
  'a run without credit ends for good, whatever is said of earlier runs or said again',
  async () => {
    const id = await registry.launch('acc_a');
    await stopped(id);
    await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`);
    await tell(id, 1, 9, { status: 'depleted' });
    await tell(id, 2, 2, { hold_nano_usd: '7' });
    await registry.until('acc_a', id, { hold_nano_usd: '7', desired_state: 'running' });
    await tell(id, 2, 1, { status: 'depleted' });
    await tell(id, 2, 3, { status: 'depleted', hold_nano_usd: '0' });
    const view = await registry.until('acc_a', id, { desired_state: 'terminated' });
    expect(view).toMatchObject({ termination_reason: 'credit_depleted', actions: [] });
    await tell(id, 2, 4, { status: 'held' });
    expect(await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`)).toMatchObject({ status: 409 });
    expect((await registry.events(TOPIC.instanceChanged, String(id))).at(-1)).toMatchObject({
      termination_reason: 'credit_depleted',
    });
  },
  PATIENCE_MS,
);

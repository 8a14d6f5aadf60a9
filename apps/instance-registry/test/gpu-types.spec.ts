import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

afterAll(() => registry.close());

const found = async (name: string) =>
  (await registry.admin('GET', '/gpu-types')).body.data.find((type: { name: string }) => type.name === name);

describe('a GPU type', () => {
  it('is made with its rate, which is billing\u2019s, and its capacity, and can be launched on', async () => {
    const body = {
      hourly_rate_nano_usd: '0',
      capacity: [
        { region: 'mv', gpus: 8 },
        { region: 'ga', gpus: 4 },
      ],
    };
    const made = await registry.admin('PUT', '/gpu-types/l4', body);
    expect(made).toMatchObject({ status: 200, body: { name: 'l4', hourly_rate_nano_usd: '0' } });
    expect(made.body.capacity).toEqual([
      { region: 'ga', gpus: 4, gpus_free: 4 },
      { region: 'mv', gpus: 8, gpus_free: 8 },
    ]);
    expect(registry.authBilling.prices.get('gpu:l4')?.prices).toEqual({ nano_usd_per_gpu_hour: '0' });
    await registry.launch('acc_gpu', { gpu_type: 'l4', gpu_count: 2 });
    expect((await found('l4')).capacity.map((each: { gpus_free: number }) => each.gpus_free)).toEqual([2, 6]);
  });

  it('keeps its capacity where none is given, and loses the regions that a new one leaves out', async () => {
    const first = { hourly_rate_nano_usd: '5', memory_gb: 24, capacity: [{ region: 'mv', gpus: 1 }] };
    await registry.admin('PUT', '/gpu-types/a10', first);
    expect((await registry.admin('PUT', '/gpu-types/a10', { hourly_rate_nano_usd: '7' })).body).toMatchObject({
      hourly_rate_nano_usd: '7',
      memory_gb: 24,
      capacity: [{ region: 'mv', gpus: 1 }],
    });
    await registry.admin('PUT', '/gpu-types/a10', { hourly_rate_nano_usd: '7', capacity: [{ region: 'ga', gpus: 2 }] });
    expect((await found('a10')).capacity).toEqual([{ region: 'ga', gpus: 2, gpus_free: 2 }]);
  });

  it.each([
    ['hourly_rate_nano_usd', { hourly_rate_nano_usd: '-1' }],
    ['hourly_rate_nano_usd', { hourly_rate_nano_usd: '1e3' }],
    ['hourly_rate_nano_usd', { hourly_rate_nano_usd: ' 5' }],
    ['hourly_rate_nano_usd', { hourly_rate_nano_usd: 5 }],
    ['hourly_rate_nano_usd', {}],
    ['capacity[0].gpus', { hourly_rate_nano_usd: '1', capacity: [{ region: 'mv', gpus: -1 }] }],
    ['capacity[0].gpus', { hourly_rate_nano_usd: '1', capacity: [{ region: 'mv', gpus: 1.5 }] }],
    ['capacity[0].region', { hourly_rate_nano_usd: '1', capacity: [{ region: 'nowhere', gpus: 1 }] }],
    ['colour', { hourly_rate_nano_usd: '1', colour: 'red' }],
  ])('is refused by the name of %s for %j, and nothing is changed', async (param, body) => {
    const refused = await registry.admin('PUT', '/gpu-types/refused', body);
    expect([refused.status, refused.body.error.param]).toEqual([400, param]);
    expect(await found('refused')).toBeUndefined();
    expect(registry.authBilling.prices.get('gpu:refused')).toBeUndefined();
  });

  it('has a name that can stand in a path', async () => {
    expect(await registry.admin('PUT', '/gpu-types/a%20b', { hourly_rate_nano_usd: '1' })).toMatchObject({ status: 400 });
  });
});

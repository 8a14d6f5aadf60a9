import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;
let instance: number;

beforeAll(async () => {
  registry = await RegistryHarness.start();
  instance = await registry.launch('acc_a');
  await registry.admin('PATCH', `/instances/${instance}`, { prices: { nano_usd_per_request: '7' } });
}, 180_000);

afterAll(() => registry.close());

const NO_PRICES: readonly unknown[] = [
  ...['', ' 5', '5 ', '+5', '05', '1e3', '5.0', '0x5', '-0', '-1', '-9223372036854775807', '9223372036854775808', 'NaN'],
  ...['9'.repeat(400), 5, 0, -1, 0.5, 1e3, true, [], {}],
];

const model = { display_name: 'Model', category: 'chat' };
/** By what an operator sets: the call, where it goes, and the field that is named. */
const DOORS: Readonly<Record<string, readonly [string, () => string, (value: unknown) => object, string]>> = {
  'the price of an instance': [
    ...(['PATCH', () => `/instances/${instance}`] as const),
    (value) => ({ prices: { nano_usd_per_request: value } }),
    'prices.nano_usd_per_request',
  ],
  'the price of a new platform model': [
    ...(['PUT', () => '/platform-models/badly-priced'] as const),
    (value) => ({ ...model, prices: { input_nano_usd_per_1m_tokens: value } }),
    'prices.input_nano_usd_per_1m_tokens',
  ],
  'the rate of a GPU': [
    ...(['PUT', () => '/gpu-types/h100-80gb'] as const),
    (value) => ({ hourly_rate_nano_usd: value }),
    'hourly_rate_nano_usd',
  ],
};

describe.each(Object.entries(DOORS))('%s', (_name, [method, path, body, param]) => {
  it('is refused by the name of its field where it is no amount, and changes nothing', async () => {
    const before = JSON.stringify([...registry.authBilling.prices]);
    for (const value of NO_PRICES) {
      const answer = await registry.admin(method, path(), body(value));
      expect([value, answer.status, answer.body.error]).toEqual([
        ...[value, 400],
        expect.objectContaining({ code: 'invalid_request', param }),
      ]);
    }
    expect(await registry.admin(method, path(), { ...body('5'), surprise: 1 })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', param: 'surprise' } },
    });
    expect(JSON.stringify([...registry.authBilling.prices])).toBe(before);
    expect((await registry.admin('GET', '/platform-models/badly-priced')).status).toBe(404);
  });
});

import { type ErrorBody, HEADER, type TopUpView } from '@ecolink/contracts';
import { ADMIN_TOKEN, INTERNAL_SECRET, TestService } from './service.js';

const TIMEOUT_MS = 180_000;
const BALANCE = '5000000000';
const USD_5 = '5000000000';

/** What is no amount of nano-USD, whatever the sign that is allowed. */
const NO_AMOUNTS: readonly unknown[] = [
  ...['', ' ', ' 5000000000', '5000000000 ', '5 000000000', '5_000_000_000', '5,000,000,000', '+5000000000', '05000000000'],
  ...[
    '1e3',
    '1E9',
    '5e9',
    '5000000000.0',
    '0.5',
    '.5',
    '5.',
    '0x12A05F200',
    '-0',
    '--5',
    '- 5',
    '٥',
    '５０００００００００',
    '$5',
  ],
  ...['NaN', 'Infinity', '-Infinity', 'null', 'true', '5000000000\n', '5000000000\u0000', '9'.repeat(400)],
  ...['9223372036854775808', '-9223372036854775808', '99999999999999999999'],
  ...[5_000_000_000, 1e3, 0, -1, 0.5, true, false, null, [], ['5000000000'], {}, { amount: '5000000000' }],
];
const NEGATIVE = ['-1', '-5000000000', '-9223372036854775807'];
const OUTSIDE_TOP_UPS = [...NEGATIVE, '0', '1', '999999999', '1000000000001', '9223372036854775807'];
const NO_CENTS = ['1000000001', '5000000005', '1005000000'];

let service: TestService;
let account: string;
let key: string;
let budget: string;

beforeAll(async () => {
  service = await TestService.start(() => new Date(), undefined, { testPayments: true });
  account = await service.account(BALANCE);
  ({ key } = await service.key(account));
  const made = { scope: { kind: 'account' }, period: 'month', limit_nano_usd: '1000' };
  budget = (await service.withKey<{ id: string }>(key, 'POST', '/api/v1/budgets', made)).body.id;
  await service.setPrice('instance:142', { nano_usd_per_request: '7' });
}, TIMEOUT_MS);
afterAll(() => service.close(), TIMEOUT_MS);

/** Everything of the account that money is, with what prices are in force. */
async function books(): Promise<string> {
  const [row] = await service.database.client.$queryRaw<{ books: string }[]>`
    SELECT json_build_array(
      (SELECT json_agg(t ORDER BY t.sequence) FROM ledger_transactions AS t), (SELECT json_agg(b ORDER BY b.account_id) FROM balances AS b),
      (SELECT json_agg(b ORDER BY b.id) FROM budgets AS b), (SELECT json_agg(r) FROM budget_raises AS r),
      (SELECT json_agg(t ORDER BY t.id) FROM top_ups AS t), (SELECT json_agg(a) FROM auto_recharges AS a),
      (SELECT count(*) FROM price_versions)
    )::text AS books`;
  return row?.books ?? '';
}

type Ask = (amount: unknown) => { readonly method: string; readonly path: string; readonly body: object };
interface Door {
  readonly param: string;
  readonly as: 'owner' | 'operator' | 'service';
  readonly ask: Ask;
  readonly refuses: readonly unknown[];
}

const recharge = { enabled: false, threshold_nano_usd: '1000000000', amount_nano_usd: USD_5 };
const DOORS: Readonly<Record<string, Door>> = {
  'a credit': {
    ...{ param: 'amount_nano_usd', as: 'operator', refuses: [...NO_AMOUNTS, '0'] },
    ask: (amount) => ({
      ...{ method: 'POST', path: `/admin/v1/accounts/${account}/credits` },
      body: { amount_nano_usd: amount, type: 'bonus_grant', reason: 'test' },
    }),
  },
  'a top-up': {
    ...{ param: 'amount_nano_usd', as: 'owner', refuses: [...NO_AMOUNTS, ...OUTSIDE_TOP_UPS, ...NO_CENTS] },
    ask: (amount) => ({ method: 'POST', path: '/api/v1/billing/top-ups', body: { amount_nano_usd: amount } }),
  },
  'the amount of an auto-recharge': {
    ...{ param: 'amount_nano_usd', as: 'owner', refuses: [...NO_AMOUNTS, ...OUTSIDE_TOP_UPS, ...NO_CENTS] },
    ask: (amount) => ({ method: 'PUT', path: '/api/v1/billing/auto-recharge', body: { ...recharge, amount_nano_usd: amount } }),
  },
  'the threshold of an auto-recharge': {
    ...{ param: 'threshold_nano_usd', as: 'owner', refuses: [...NO_AMOUNTS, ...NEGATIVE, '10000000000001'] },
    ask: (amount) => ({
      method: 'PUT',
      path: '/api/v1/billing/auto-recharge',
      body: { ...recharge, threshold_nano_usd: amount },
    }),
  },
  'the limit of a new budget': {
    ...{ param: 'limit_nano_usd', as: 'owner', refuses: [...NO_AMOUNTS, ...NEGATIVE] },
    ask: (amount) => ({
      ...{ method: 'POST', path: '/api/v1/budgets' },
      body: { scope: { kind: 'account' }, period: 'day', limit_nano_usd: amount },
    }),
  },
  'the limit of a budget': {
    ...{ param: 'limit_nano_usd', as: 'owner', refuses: [...NO_AMOUNTS, ...NEGATIVE] },
    ask: (amount) => ({ method: 'PATCH', path: `/api/v1/budgets/${budget}`, body: { limit_nano_usd: amount } }),
  },
  'the raise of a budget': {
    ...{ param: 'by_nano_usd', as: 'owner', refuses: [...NO_AMOUNTS, ...NEGATIVE, '0'] },
    ask: (amount) => ({ method: 'POST', path: `/api/v1/budgets/${budget}/raise`, body: { by_nano_usd: amount } }),
  },
  'a price': {
    ...{ param: 'prices.nano_usd_per_request', as: 'service', refuses: [...NO_AMOUNTS, ...NEGATIVE] },
    ask: (amount) => ({
      method: 'PUT',
      path: '/internal/prices/instance%3A142',
      body: { prices: { nano_usd_per_request: amount } },
    }),
  },
};

function asked(door: Door, amount: unknown, headers: Record<string, string> = {}) {
  const { method, path, body } = door.ask(amount);
  const credentials: Record<Door['as'], Record<string, string>> = {
    owner: { authorization: `Bearer ${key}` },
    operator: { authorization: `Bearer ${ADMIN_TOKEN}` },
    service: { [HEADER.internalSecret]: INTERNAL_SECRET },
  };
  return service.call<ErrorBody>(method, path, { body, headers: { ...credentials[door.as], ...headers } });
}

describe.each(Object.entries(DOORS))('%s', (_name, door) => {
  it(
    'is refused by the name of its field for everything that is no such amount, and changes nothing',
    async () => {
      const before = await books();
      for (const amount of door.refuses) {
        const { status, body } = await asked(door, amount);
        // Between services the shape is looked at before the amount.
        const param = door.as === 'service' && typeof amount !== 'string' ? 'prices' : door.param;
        expect([amount, status, body.error.code, body.error.param]).toEqual([amount, 400, 'invalid_request', param]);
      }
      expect(await books()).toBe(before);
    },
    TIMEOUT_MS,
  );

  it(
    'is refused with a field that nobody knows, and without its own',
    async () => {
      const before = await books();
      const more: Door = { ...door, ask: (amount) => ({ ...door.ask(amount), body: { ...door.ask(amount).body, surprise: 1 } }) };
      const unknown = await asked(more, USD_5);
      expect([unknown.status, unknown.body.error.code, unknown.body.error.param]).toEqual([400, 'invalid_request', 'surprise']);
      if (door.as !== 'service') {
        const missing = await asked(door, undefined);
        expect([missing.status, missing.body.error.code, missing.body.error.param]).toEqual([400, 'invalid_request', door.param]);
      }
      expect(await books()).toBe(before);
    },
    TIMEOUT_MS,
  );
});

describe('money', () => {
  it(
    'beyond what a balance holds is refused, and changes nothing',
    async () => {
      const door = DOORS['a credit'];
      if (door === undefined) throw new Error('there is no such door');
      const before = await books();
      for (const amount of ['9223372036854775807', '9223372036854775800']) {
        const { status, body } = await asked(door, amount);
        expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_request', 'amount_nano_usd']);
      }
      expect(await books()).toBe(before);
    },
    TIMEOUT_MS,
  );

  it.each(['a credit', 'a top-up'])(
    'of %s that is submitted five times at once with one Idempotency-Key moves once, and again with another amount not at all',
    async (name) => {
      const door = DOORS[name];
      if (door === undefined) throw new Error('there is no such door');
      const before = BigInt(await service.balance(account));
      const once = { 'idempotency-key': `five-of-${name.replaceAll(' ', '-')}` };
      const answers = await Promise.all(Array.from({ length: 5 }, () => asked(door, USD_5, once)));
      const made = answers.filter(({ status }) => status === 201).map(({ body }) => (body as unknown as TopUpView).id);
      expect(made.length).toBeGreaterThan(0);
      expect(new Set(made).size).toBe(1);
      for (const { status } of answers) expect([201, 409]).toContain(status);
      const other = await asked(door, '6000000000', once);
      expect([other.status, other.body.error.code]).toEqual([409, 'idempotency_key_reused']);
      expect(BigInt(await service.balance(account)) - before).toBe(BigInt(USD_5));
    },
    TIMEOUT_MS,
  );
});

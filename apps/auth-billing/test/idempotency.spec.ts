import type { ErrorBody } from '@ecolink/contracts';
import { type Answer, TestService } from './service.js';

let service: TestService;

beforeAll(async () => {
  service = await TestService.start();
}, 180_000);

afterAll(() => service.close());

type Body = { id: string; key?: string } & ErrorBody;
const credit = { amount_nano_usd: '1000', type: 'bonus_grant', reason: 'once' };

const post = (path: string, body: unknown, key: string): Promise<Answer<Body>> =>
  service.admin<Body>('POST', path, body, { 'idempotency-key': key });

const keysOf = async (account: string): Promise<number> =>
  (await service.admin<{ data: unknown[] }>('GET', `/accounts/${account}/api-keys`)).body.data.length;

describe('a POST with an Idempotency-Key', () => {
  it('has one effect, and the first answer is given again and marked', async () => {
    const account = await service.account();
    const first = await post(`/accounts/${account}/credits`, credit, 'again');
    const second = await post(`/accounts/${account}/credits`, credit, 'again');
    expect([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')]).toEqual([null, 'true']);
    expect([second.status, second.body]).toEqual([201, first.body]);
    expect(await service.balance(account)).toBe('1000');
  });

  it('is refused when the key was used for another body, and has no effect then', async () => {
    const account = await service.account();
    await post(`/accounts/${account}/credits`, credit, 'other-body');
    const other = await post(`/accounts/${account}/credits`, { ...credit, amount_nano_usd: '2' }, 'other-body');
    expect([other.status, other.body.error.code]).toEqual([409, 'idempotency_key_reused']);
    expect(await service.balance(account)).toBe('1000');
  });

  it('moves money once, however many come at the same time, and tells the others to wait', async () => {
    const account = await service.account();
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(`/accounts/${account}/credits`, credit, 'burst')));
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect([answer.status, answer.body.error.code, answer.headers.get('retry-after')]).toEqual([409, 'invalid_state', '1']);
    }
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(await service.balance(account)).toBe('1000');
  });

  it('is told the first refusal again', async () => {
    const [first, second] = [
      await post('/accounts/acc_nobody/credits', credit, 'refused'),
      await post('/accounts/acc_nobody/credits', credit, 'refused'),
    ];
    expect([second.status, second.body]).toEqual([404, first.body]);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('keeps keys of different paths and of no key apart', async () => {
    const [left, right] = [await service.account(), await service.account()];
    for (const account of [left, right]) await post(`/accounts/${account}/credits`, credit, 'same-text');
    await service.credit(left, '1');
    await service.credit(left, '1');
    expect([await service.balance(left), await service.balance(right)]).toEqual(['1002', '1000']);
  });

  it.each(['two words', 'x'.repeat(256), '', 'a, b'])('is refused with a key like %j', async (key) => {
    const answer = await post('/accounts', { name: 'acme' }, key);
    expect([answer.status, answer.body.error.param]).toEqual([400, 'Idempotency-Key']);
  });

  it('makes one API key, never keeps its text, and says which one it made', async () => {
    const account = await service.account();
    const made = await post(`/accounts/${account}/api-keys`, { name: 'ci' }, 'make-key');
    const again = await post(`/accounts/${account}/api-keys`, { name: 'ci' }, 'make-key');
    expect([made.status, again.status, again.body.error.code]).toEqual([201, 409, 'idempotency_key_reused']);
    expect(again.body.error.message).toContain(made.body.id);
    expect(await keysOf(account)).toBe(1);
    const [dump] = await service.database.client.$queryRaw<{ text: string }[]>`
      SELECT string_agg(known::text, ' ') AS text FROM idempotency_keys known`;
    expect(dump?.text).toContain(made.body.id);
    expect(dump?.text).not.toContain(made.body.key);
  });

  it('of a customer makes one API key, too, and a key belongs to its account', async () => {
    const [left, right] = [await service.account(), await service.account()];
    for (const account of [left, right]) {
      const { key } = await service.key(account);
      const headers = { authorization: `Bearer ${key}`, 'idempotency-key': 'mine' };
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 2; attempt += 1)
        statuses.push((await service.call('POST', '/api/v1/api-keys', { headers, body: { name: 'ci' } })).status);
      expect([statuses, await keysOf(account)]).toEqual([[201, 409], 2]);
    }
  });

  it('is audited each time, repeated or not', async () => {
    await post('/accounts', { name: 'audited' }, 'audited');
    await post('/accounts', { name: 'audited' }, 'audited');
    const { body } = await service.admin<{ data: { path: string; status: number }[] }>('GET', '/audit-log?limit=3');
    const posts = body.data.filter(({ path }) => path === '/admin/v1/accounts');
    expect(posts.map(({ status }) => status)).toEqual([201, 201]);
  });

  it('is not answered from the store when it failed on our side', async () => {
    const account = await service.account();
    await service.database.client.$executeRaw`ALTER TABLE balances RENAME TO balances_away`;
    const failed = await post(`/accounts/${account}/credits`, credit, 'failed');
    await service.database.client.$executeRaw`ALTER TABLE balances_away RENAME TO balances`;
    const second = await post(`/accounts/${account}/credits`, credit, 'failed');
    expect([failed.status, second.status, await service.balance(account)]).toEqual([500, 201, '1000']);
  });
});

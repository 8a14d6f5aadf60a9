import { type AccountState, newId, TOPIC } from '@ecolink/contracts';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { verifyLedger } from '../src/index.js';
import { sumCostSince } from '../src/reports/usage-report.store.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const PRICE_PER_REQUEST = { nano_usd_per_request: '1000' };

describe('billing of usage events', () => {
  let service: TestService;
  let postUsage: PostUsage;

  beforeAll(async () => {
    service = await TestService.start();
    postUsage = new PostUsage(service.database, () => new Date(), service.deadLetters);
    await service.setPrice('instance:142', PRICE_PER_REQUEST);
  }, 120_000);
  afterAll(() => service.close());

  const ledgerRows = (accountId: string) =>
    service.database.client.ledgerTransaction.findMany({ where: { accountId }, orderBy: { sequence: 'asc' } });
  const lastState = async (accountId: string): Promise<AccountState> => {
    const row = await service.database.client.busEvent.findFirstOrThrow({
      where: { topic: TOPIC.accountChanged, key: accountId },
      orderBy: { id: 'desc' },
    });
    return row.data as AccountState;
  };

  it('bills an event that is delivered twice once, in one batch and across batches', async () => {
    const account = await service.account('10000');
    const event = usageEvent(account);
    await postUsage.post([event, event]);
    await postUsage.post([event]);
    expect(await service.balance(account)).toBe('9000');
    expect(await ledgerRows(account)).toHaveLength(2);
  });

  it('counts what was spent since a moment; of the quarter of an hour that it is in, the part after it', async () => {
    const account = await service.account('10000');
    const quarter = Math.floor(Date.now() / 900_000) * 900_000 - 7_200_000;
    const at = (minutes: number) => new Date(quarter + minutes * 60_000);
    const events = [-5, 3, 14, 15, 59].map((minutes) => usageEvent(account, { started_at: at(minutes).toISOString() }));
    await postUsage.post(events);
    const since = (minutes: number) => sumCostSince(service.database.client, account, at(minutes));
    expect(await Promise.all([since(0), since(12), since(15), since(60)])).toEqual([4_000n, 2_400n, 2_000n, 0n]);
  });

  it('quarantines the same id with another payload and never bills it', async () => {
    const account = await service.account('10000');
    const event = usageEvent(account);
    const changed = { ...event, data: { ...event.data, units: { requests: 7 } } };
    await postUsage.post([event]);
    await postUsage.post([changed, usageEvent(account)]);
    expect(await service.balance(account)).toBe('8000');
    const letters = await service.deadLetters.list({ limit: 100 });
    expect(letters.letters.filter((letter) => letter.event.id === event.id)).toHaveLength(1);
  });

  it('quarantines what is no usage event, names no target, has no account or is far ahead of time, and bills the rest', async () => {
    const account = await service.account('10000');
    const broken = { ...usageEvent(account), data: { nonsense: true } };
    const nowhere = usageEvent(account, { instance_id: null });
    const stranger = usageEvent('acc_unknown');
    const unpriced = usageEvent(account, { instance_id: null, platform_model_id: 'no/price' });
    const future = usageEvent(account, { started_at: new Date(Date.now() + 2 * 3_600_000).toISOString() });
    const good = usageEvent(account);
    await postUsage.post([broken, nowhere, stranger, unpriced, future, good]);
    expect(await service.balance(account)).toBe('9000');
    const { letters } = await service.deadLetters.list({ limit: 100 });
    const ids = letters.map((letter) => letter.event.id);
    for (const event of [broken, nowhere, stranger, unpriced, future]) expect(ids).toContain(event.id);
    expect(ids).not.toContain(good.id);
  });

  it('tells routers that a quarantined call is dealt with, also where nothing else was in its batch', async () => {
    const account = await service.account('10000');
    const future = usageEvent(account, { started_at: new Date(Date.now() + 2 * 3_600_000).toISOString() });
    await postUsage.post([future]);
    expect((await lastState(account)).posted_positions).toEqual({ 'router/test': future.data.journal_position });
    expect(await service.balance(account)).toBe('10000');
  });

  it('prices a call that started a little ahead of the clock as now', async () => {
    const account = await service.account('10000');
    await postUsage.post([usageEvent(account, { started_at: new Date(Date.now() + 30 * 60_000).toISOString() })]);
    expect(await service.balance(account)).toBe('9000');
  });

  it('does not reprice earlier calls when a price changes', async () => {
    const account = await service.account('10000');
    await service.setPrice('instance:900', PRICE_PER_REQUEST);
    const before = usageEvent(account, { instance_id: 900, started_at: new Date(Date.now() - 1).toISOString() });
    await service.setPrice('instance:900', { nano_usd_per_request: '5' });
    await postUsage.post([before, usageEvent(account, { instance_id: 900 })]);
    expect(await service.balance(account)).toBe(String(10_000 - 1_000 - 5));
  });

  it('bills nothing for explicit zero usage, unbillable calls and instances without a price, but announces their positions', async () => {
    const account = await service.account('10000');
    await service.setPrice('platform:tokens/only', { input_nano_usd_per_1m_tokens: '1000000' });
    const zero = usageEvent(account, {
      instance_id: null,
      platform_model_id: 'tokens/only',
      units: { requests: 1, input_tokens: 0, output_tokens: 0 },
    });
    const failed = usageEvent(account, { billable: false, outcome: 'failed', status: 502, source: 'router/other' });
    const free = usageEvent(account, { instance_id: 901, source: 'router/third' });
    await postUsage.post([zero, failed, free]);
    expect(await service.balance(account)).toBe('10000');
    expect(await ledgerRows(account)).toHaveLength(1);
    expect((await lastState(account)).posted_positions).toEqual({
      'router/test': zero.data.journal_position,
      'router/other': failed.data.journal_position,
      'router/third': free.data.journal_position,
    });
  });

  it('carries the exact balance through a batch and announces every row and the last state', async () => {
    const account = await service.account('10000');
    const events = Array.from({ length: 12 }, () => usageEvent(account));
    await postUsage.post(events);
    const rows = await ledgerRows(account);
    expect(rows.map((row) => String(row.balanceAfterNanoUsd))).toEqual([
      '10000',
      ...events.map((_, index) => String(10_000 - 1_000 * (index + 1))),
    ]);
    expect(await service.balance(account)).toBe('-2000');
    const state = await lastState(account);
    expect(state.balance_nano_usd).toBe('-2000');
    const posted = await service.database.client.busEvent.count({ where: { topic: TOPIC.ledgerPosted, key: account } });
    expect(posted).toBe(13);
  });

  it('keeps amounts above 2^53 exact', async () => {
    const account = await service.account('9007199254740993000');
    await service.setPrice('instance:902', { nano_usd_per_request: '9007199254740993' });
    await postUsage.post([usageEvent(account, { instance_id: 902 })]);
    expect(await service.balance(account)).toBe('8998192055486252007');
  });

  it('quarantines a call whose cost no balance can hold, without holding up the others', async () => {
    const account = await service.account('10000');
    await service.setPrice('instance:903', { nano_usd_per_request: '9223372036854775807' });
    const huge = usageEvent(account, { instance_id: 903, units: { requests: 2 } });
    await postUsage.post([huge, usageEvent(account)]);
    expect(await service.balance(account)).toBe('9000');
  });

  it('stores odd characters of a model name rather than failing the batch', async () => {
    const account = await service.account('10000');
    await postUsage.post([usageEvent(account, { model: 'a\0b\ud800' })]);
    expect(await service.balance(account)).toBe('9000');
  });

  it('loses nothing and never deadlocks when batches over the same accounts are posted at once', async () => {
    const accounts = await Promise.all(Array.from({ length: 8 }, () => service.account('1000000')));
    const batch = (seed: number) =>
      Array.from({ length: 40 }, (_, index) => usageEvent(accounts[(index * (seed % 2 === 0 ? 1 : 7) + seed) % 8] ?? ''));
    const batches = Array.from({ length: 12 }, (_, seed) => batch(seed));
    const repeated = batches.slice(0, 4).map((events) => [...events].reverse());
    await Promise.all([...batches, ...repeated].map((events) => postUsage.post(events)));
    const balances = await Promise.all(accounts.map((account) => service.balance(account)));
    const spent = balances.reduce((sum, balance) => sum + (1_000_000n - BigInt(balance)), 0n);
    expect(spent).toBe(12n * 40n * 1_000n);
  }, 180_000);

  it('makes the versions of account events follow their balances, whatever runs at the same time', async () => {
    const account = await service.account('1000000');
    await Promise.all([
      ...Array.from({ length: 10 }, () => postUsage.post([usageEvent(account)])),
      ...Array.from({ length: 5 }, (_, index) =>
        service.admin('PATCH', `/accounts/${account}`, { plan: index % 2 === 0 ? 'demo' : 'pay-as-you-go' }),
      ),
      service.admin('PUT', '/plans/demo', { requests_per_minute: 100_000 }),
    ]);
    const rows = await service.database.client.busEvent.findMany({
      where: { topic: TOPIC.accountChanged, key: account },
      orderBy: { id: 'asc' },
    });
    const states = rows.map((row) => row.data as AccountState);
    const versions = states.map((state) => state.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    const projected = await service.internal<{ items: AccountState[] }>('GET', '/projections/accounts');
    expect(projected.body.items.find((item) => item.account_id === account)).toEqual(states.at(-1));
  });

  it('refuses to change or delete anything that was posted, and entries that do not sum to zero', async () => {
    const { client } = service.database;
    for (const table of ['ledger_transactions', 'ledger_entries', 'usage_events', 'price_versions']) {
      await expect(client.$executeRawUnsafe(`DELETE FROM ${table}`)).rejects.toThrow(/immutable/);
      await expect(client.$executeRawUnsafe(`TRUNCATE ${table}`)).rejects.toThrow(/immutable/);
    }
    await expect(client.$executeRawUnsafe(`UPDATE ledger_entries SET amount_nano_usd = 0`)).rejects.toThrow(/immutable/);
    const id = newId('txn');
    const insert = `INSERT INTO ledger_entries VALUES ('${id}', 0, 'account:x', 5), ('${id}', 1, 'revenue:api_usage', -4)`;
    await expect(client.$executeRawUnsafe(insert)).rejects.toThrow(/not a balanced transaction/);
  });

  it('proves that entries sum to zero and every balance equals the fold of its entries, and finds where they do not', async () => {
    expect(await verifyLedger(service.database)).toEqual([]);
    const trial = await service.admin<{ balanced: boolean; total_nano_usd: string }>('GET', '/ledger/trial-balance');
    expect(trial.body).toMatchObject({ balanced: true, total_nano_usd: '0' });
    const account = await service.account('5');
    await service.database.client.balance.update({ where: { accountId: account }, data: { balanceNanoUsd: 6n } });
    expect(await verifyLedger(service.database)).toEqual([
      `the balance of ${account} is not the fold of its entries, or what it holds is not the sum of its holds`,
    ]);
    await service.database.client.balance.update({ where: { accountId: account }, data: { balanceNanoUsd: 5n } });
  });
});

import { newId } from '@ecolink/contracts';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { monthsFrom } from '../src/charges/months/usage-months.service.js';
import { makeUsageMonths } from '../src/charges/months/usage-months.store.js';
import { verifyLedger } from '../src/index.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const DAY_MS = 86_400_000;
/** The months that are ready are those of the start: the next one may begin before a test asks. */
const NOW = new Date();

let service: TestService;
let postUsage: PostUsage;

beforeAll(async () => {
  service = await TestService.start(() => NOW);
  postUsage = new PostUsage(service.database, () => new Date(), service.deadLetters);
  await service.setPrice('instance:142', { nano_usd_per_request: '1000' });
}, 120_000);
afterAll(() => service.close());

async function partitions(): Promise<readonly string[]> {
  const rows = await service.database.client.$queryRaw<{ name: string }[]>`
    SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'usage_events'::regclass ORDER BY name`;
  return rows.map(({ name }) => name);
}

const nameOf = (at: Date): string => `usage_events_${at.toISOString().slice(0, 7).replace('-', '')}`;
const callAt = (account: string, at: Date) =>
  usageEvent(account, { event_id: newId('evt', at.getTime()), started_at: at.toISOString(), ended_at: at.toISOString() });

describe('usage by month', () => {
  it('has partitions for this month and the two after it before a call comes, made once', async () => {
    const months = monthsFrom(NOW, 2);
    const names = months.map((month) => nameOf(new Date(month)));
    expect(await partitions()).toEqual(expect.arrayContaining(names));
    expect(await makeUsageMonths(service.database.client, months)).toEqual([]);
    expect(monthsFrom(new Date('2026-12-31T23:59:59Z'), 2)).toEqual(['2026-12-01', '2027-01-01', '2027-02-01']);
  });

  it('bills an event once, in whichever partition it is: its month, one that has none, or an id of another form', async () => {
    const account = await service.account('10000');
    const odd = usageEvent(account, { event_id: `odd-${newId('evt')}` });
    const events = [usageEvent(account), callAt(account, new Date(Date.now() - 900 * DAY_MS)), odd];
    await postUsage.post(events);
    await postUsage.post([...events].reverse());
    expect(await service.balance(account)).toBe('7000');
    const other = await service.database.client.$queryRaw<{ count: number }[]>`
      SELECT count(*)::integer AS count FROM usage_events_other WHERE account_id = ${account}`;
    expect(other[0]?.count).toBe(2);
  });

  it('lets a month leave without a DELETE, and never bills a call of it again', async () => {
    const { client } = service.database;
    const at = new Date(Date.now() - 100 * DAY_MS);
    const month = monthsFrom(at, 0);
    await makeUsageMonths(client, month);
    const account = await service.account('10000');
    const before = callAt(account, at);
    await postUsage.post([before]);
    expect(await service.balance(account)).toBe('9000');
    const [archived] = await client.$queryRaw<{ name: string }[]>`SELECT ecolink_archive_usage_month(${month[0]}::date) AS name`;
    expect(archived?.name).toBe(nameOf(at));
    expect(await partitions()).not.toContain(nameOf(at));
    const kept = await client.$queryRawUnsafe<{ count: number }[]>(`SELECT count(*)::integer AS count FROM ${nameOf(at)}`);
    expect(kept[0]?.count).toBe(1);
    const late = callAt(account, at);
    await postUsage.post([before, late, usageEvent(account)]);
    expect(await service.balance(account)).toBe('8000');
    const { letters } = await service.deadLetters.list({ limit: 10 });
    expect(letters.filter(({ reason }) => reason.includes('archived')).map(({ event }) => event.id)).toEqual(
      expect.arrayContaining([before.id, late.id]),
    );
    expect(await verifyLedger(service.database)).toEqual([]);
    await client.$executeRawUnsafe(`DROP TABLE ${nameOf(at)}`);
  });

  it('archives no month of which calls may still come, and none twice', async () => {
    const { client } = service.database;
    // By the clock that decides: a month may end between two statements.
    const archive = (monthsAgo: number) => client.$queryRaw`
      SELECT ecolink_archive_usage_month(
        (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => ${monthsAgo}::integer))::date)`;
    const last = new Date(Date.UTC(NOW.getUTCFullYear(), NOW.getUTCMonth() - 1));
    await makeUsageMonths(client, monthsFrom(last, 1));
    await expect(archive(0)).rejects.toThrow(/may still come/);
    await expect(archive(1)).rejects.toThrow(/may still come/);
    await expect(archive(300)).rejects.toThrow(/there is no month/);
  });
});

import { waitFor } from '@ecolink/testing';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

let service: TestService;
let postUsage: PostUsage;

beforeAll(async () => {
  service = await TestService.start(() => new Date(), undefined, { testPayments: true });
  postUsage = new PostUsage(service.database, () => new Date(), service.deadLetters);
  await service.setPrice('instance:142', { nano_usd_per_request: '1000' });
}, 120_000);
afterAll(() => service.close());

/** What `/metrics` says, by series. */
async function read(): Promise<ReadonlyMap<string, number>> {
  const { status, text } = await service.call('GET', '/metrics');
  expect(status).toBe(200);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

async function movedBy(series: string, work: () => Promise<unknown>): Promise<number> {
  const before = (await read()).get(series) ?? 0;
  await work();
  return ((await read()).get(series) ?? 0) - before;
}

describe('the metrics of billing', () => {
  it('count postings by type, and what a batch records and takes', async () => {
    const account = await service.account('1000000');
    const post = () => postUsage.post(Array.from({ length: 7 }, () => usageEvent(account)));
    expect(await movedBy('ecolink_ledger_postings_total{type="api_usage"}', post)).toBe(7);
    expect(await movedBy('ecolink_ledger_postings_total{type="bonus_grant"}', () => service.credit(account, '5'))).toBe(1);
    expect(await movedBy('ecolink_billing_batch_calls_sum', post)).toBe(7);
    expect(await movedBy('ecolink_billing_batch_seconds_count', post)).toBe(1);
    expect(await movedBy('ecolink_billing_batch_seconds_sum', post)).toBeGreaterThan(0);
  });

  it('tell accounts below zero and events that wait for a replay', async () => {
    const account = await service.account('500');
    const wrong = { ...usageEvent(account), data: { nonsense: true } };
    const before = await read();
    await postUsage.post([usageEvent(account), wrong]);
    // Figures of the database are kept for two seconds.
    const after = await waitFor(
      async () => {
        const now = await read();
        return now.get('ecolink_accounts_negative') !== before.get('ecolink_accounts_negative') && now;
      },
      { timeoutMs: 30_000, what: 'an account below zero' },
    );
    const moved = (series: string): number => (after.get(series) ?? 0) - (before.get(series) ?? 0);
    expect(moved('ecolink_accounts_negative')).toBe(1);
    expect(moved('ecolink_dead_letters_waiting')).toBe(1);
    expect(moved('ecolink_billing_quarantined_total')).toBe(1);
  });

  it('have the lag of its consumers, the verifier, tables, streams, and the process', async () => {
    const series = await read();
    for (const name of [
      'ecolink_consumer_lag_events{service="auth-billing"}',
      'ecolink_consumer_stalled_seconds{service="auth-billing"}',
      'ecolink_ledger_problems',
      'ecolink_holds{status="held"}',
      'ecolink_top_ups_pending',
      'ecolink_console_streams',
      'ecolink_process_event_loop_utilization',
    ])
      expect(series.has(name)).toBe(true);
    expect(series.get('ecolink_database_table_bytes{table="usage_events"}')).toBeGreaterThan(0);
    expect(series.get('ecolink_process_cpu_seconds')).toBeGreaterThan(0);
    expect(series.get('ecolink_ledger_problems')).toBe(0);
  });
});

import { type AuditEntryView, HEADER, type Overview, PROJECTIONS } from '@ecolink/contracts';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { LedgerVerifier } from '../src/ledger/ledger-verifier.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const TEST_TIMEOUT_MS = 120_000;

let service: TestService;
let now = new Date('2026-11-03T10:00:00.000Z');

beforeAll(async () => {
  service = await TestService.start(() => now);
}, TEST_TIMEOUT_MS);
afterAll(() => service.close(), TEST_TIMEOUT_MS);

/** Each call has a moment of its own, so that the newest is known. */
const admin: TestService['admin'] = (...call) => {
  now = new Date(now.getTime() + 1);
  return service.admin(...call);
};
const newestAudit = async (method: string): Promise<AuditEntryView | undefined> =>
  (await service.admin<{ data: AuditEntryView[] }>('GET', '/audit-log?limit=20')).body.data.find(
    (entry) => entry.method === method,
  );

describe('the audit log', () => {
  it('holds what a call changed, as it was and as it is', async () => {
    await admin('PUT', '/plans/audited', { requests_per_minute: 5 });
    expect(await newestAudit('PUT')).toMatchObject({ before: null, after: { name: 'audited', requests_per_minute: 5 } });
    await admin('PUT', '/plans/audited', { requests_per_minute: 6 });
    expect(await newestAudit('PUT')).toMatchObject({ before: { requests_per_minute: 5 }, after: { requests_per_minute: 6 } });
    await admin('DELETE', '/plans/audited');
    expect(await newestAudit('DELETE')).toMatchObject({ before: { requests_per_minute: 6 }, after: null });
    const account = await service.account();
    now = new Date(now.getTime() + 1);
    await service.credit(account, '5');
    expect(await newestAudit('POST')).toMatchObject({ before: null, after: { amount_nano_usd: '5', type: 'bonus_grant' } });
    await admin('PATCH', `/accounts/${account}`, { status: 'suspended' });
    expect(await newestAudit('PATCH')).toMatchObject({ before: { status: 'active' }, after: { status: 'suspended' } });
  });
});

describe('a plan', () => {
  it('can be deleted once no account has it', async () => {
    await service.admin('PUT', '/plans/leaving', { requests_per_minute: 5 });
    const account = await service.account();
    await service.admin('PATCH', `/accounts/${account}`, { plan: 'leaving' });
    expect((await service.admin<{ error: { code: string } }>('DELETE', '/plans/leaving')).status).toBe(409);
    await service.admin('PATCH', `/accounts/${account}`, { plan: 'pay-as-you-go' });
    expect((await service.admin('DELETE', '/plans/leaving')).status).toBe(204);
    expect((await service.admin('GET', '/plans/leaving')).status).toBe(404);
    expect((await service.admin('DELETE', '/plans/leaving')).status).toBe(404);
    expect((await service.admin('DELETE', '/plans/pay-as-you-go')).status).toBe(409);
  });
});

describe('the overview', () => {
  it('tells of calls, billing, the ledger and the routers that ask for their state', async () => {
    const account = await service.account('1000000');
    await service.setPrice('instance:142', { nano_usd_per_request: '100' });
    const time = new Date(now.getTime() - 10_000).toISOString();
    await service.service.app.get(PostUsage).post([usageEvent(account, { started_at: time, ended_at: time })]);
    await service.call('GET', PROJECTIONS.accounts, {
      headers: {
        [HEADER.internalSecret]: 'internal-secret-of-tests',
        [HEADER.router]: 'router-1',
        [HEADER.stateAges]: 'keys=120;accounts=40;<x>=1',
      },
    });
    const verifier = service.service.app.get(LedgerVerifier);
    await verifier.verifySlice();
    const { status, body } = await service.admin<Overview>('GET', '/overview');
    expect([status, body.ledger, body.billing.dead_letters_waiting]).toEqual([
      200,
      { problems: 0, verified_at: now.toISOString() },
      0,
    ]);
    expect(body.routers).toEqual([
      { router_id: 'router-1', seen_at: now.toISOString(), state_age_ms: { keys: 120, accounts: 40 } },
    ]);
    now = new Date(now.getTime() + 121_000);
    expect((await service.admin<Overview>('GET', '/overview')).body.routers).toEqual([]);
  });
});

describe('the verifier', () => {
  it('finds what does not hold, says so by its metric and readiness, and sees when it is repaired', async () => {
    const account = await service.account('77');
    const verifier = service.service.app.get(LedgerVerifier);
    const metric = async () =>
      (await service.call('GET', '/metrics')).text.split('\n').find((line) => line.startsWith('ecolink_ledger_problems'));
    const setBalance = (nanoUsd: number) => service.database.client.$executeRaw`
      UPDATE balances SET balance_nano_usd = ${nanoUsd} WHERE account_id = ${account}`;
    await setBalance(78);
    await verifier.verifySlice();
    expect([verifier.problems.length, await metric()]).toEqual([1, 'ecolink_ledger_problems 1']);
    expect((await service.call('GET', '/readyz')).text).toContain(account);
    await setBalance(77);
    await verifier.verifySlice();
    expect([verifier.problems.length, await metric()]).toEqual([0, 'ecolink_ledger_problems 0']);
  });
});

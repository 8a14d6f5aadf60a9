import { TestService } from '../service.js';
import { Browser, newOwner, type Refused } from './people.js';

const TIMEOUT_MS = 180_000;
const DAY_MS = 24 * 60 * 60 * 1000;

interface InviteBody extends Refused {
  readonly id: string;
  readonly url: string;
  readonly token: string;
  readonly expires_at: string;
}
interface ListBody<Item> extends Refused {
  readonly data: readonly Item[];
}

describe('a team', () => {
  let service: TestService;
  let now = new Date('2026-11-30T12:00:00Z');
  // Ids sort by time, to the millisecond.
  let ticks = 0;

  beforeAll(async () => {
    service = await TestService.start(() => new Date(now.getTime() + (ticks += 1)), undefined, {
      signupMode: 'open',
      signupsPerHour: 1_000,
    });
  }, TIMEOUT_MS);
  afterAll(() => service.close());

  const invite = async (owner: Browser, role = 'member'): Promise<InviteBody> => {
    const answer = await owner.call<InviteBody>('POST', '/api/v1/invites', { role });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const accept = (browser: Browser, token: string) => browser.call('POST', '/api/v1/invites/accept', { token });

  it(
    'lets an existing user join as a second account by an invite, once, and switches what every call answers',
    async () => {
      const [owner, guest] = [await newOwner(service, 'owner@example.com'), await newOwner(service, 'guest@example.com')];
      const made = await invite(owner.browser);
      expect((new Date(made.expires_at).getTime() - now.getTime()) / DAY_MS).toBeCloseTo(14, 3);
      expect(made.url).toMatch(/^http:\/\/localhost:8080\/console\/invite\/inv_/);
      const preview = await new Browser(service).call('GET', `/api/v1/invites/${made.token}/preview`);
      expect(preview.body).toMatchObject({ account_name: 'owner', role: 'member', invited_by: 'owner@example.com' });
      const rival = await newOwner(service, 'rival@example.com');
      const both = await Promise.all([accept(guest.browser, made.token), accept(rival.browser, made.token)]);
      expect(both.map((answer) => answer.status).sort()).toEqual([200, 410]);
      const [joined, email] = both[0]?.status === 200 ? [guest, 'guest@example.com'] : [rival, 'rival@example.com'];
      expect((await new Browser(service).call('GET', `/api/v1/invites/${made.token}/preview`)).body.error.code).toBe(
        'invite_expired',
      );
      const again = await invite(owner.browser);
      expect((await accept(joined.browser, again.token)).body.error.code).toBe('invalid_state');
      const account = () => joined.browser.call<{ id: string } & Refused>('GET', '/api/v1/account');
      expect((await account()).body.id).toBe(joined.accountId);
      await joined.browser.call('PUT', '/api/v1/me/active-account', { account_id: owner.accountId });
      expect((await account()).body.id).toBe(owner.accountId);
      expect((await joined.browser.call('POST', '/api/v1/invites', {})).body.error.code).toBe('role_not_permitted');
      expect((await joined.browser.call('PATCH', '/api/v1/account', { name: 'mine' })).body.error.code).toBe(
        'role_not_permitted',
      );
      const members = await joined.browser.call<ListBody<{ email: string; role: string }>>('GET', '/api/v1/members');
      expect(members.body.data.map(({ email, role }) => [email, role])).toEqual([
        [email, 'member'],
        ['owner@example.com', 'owner'],
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'gives a new user of an invite its account and role, and no bonus',
    async () => {
      const owner = await newOwner(service, 'inviter@example.com');
      const made = await invite(owner.browser, 'owner');
      const newcomer = new Browser(service);
      const named = await newcomer.signUp('newcomer@example.com', { invite_token: made.token, account_name: 'x' });
      expect(named.body.error.param).toBe('account_name');
      const answer = await newcomer.signUp('newcomer@example.com', { invite_token: made.token });
      expect(answer.body.account).toEqual({ id: owner.accountId, name: 'inviter', role: 'owner' });
      expect((await newcomer.call('GET', '/api/v1/billing')).body).toMatchObject({ balance_nano_usd: '1000000000' });
      expect(await service.database.client.account.count({ where: { name: 'newcomer' } })).toBe(0);
      const late = await new Browser(service).signUp('late@example.com', { invite_token: made.token });
      expect(late.body.error.code).toBe('invite_expired');
      expect(await service.database.client.user.count({ where: { email: 'late@example.com' } })).toBe(0);
      const told = await owner.browser.call<ListBody<Record<string, unknown>>>('GET', '/api/v1/notifications');
      expect(told.body.data).toMatchObject([
        {
          kind: 'invite_accepted',
          title: 'newcomer@example.com joined',
          text: 'newcomer@example.com accepted an invite and is an owner of inviter now.',
          subject: { kind: 'user', id: answer.body.user.id },
        },
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'ends invites by revocation and after 14 days, and keeps those of others out of reach',
    async () => {
      const [owner, stranger] = [await newOwner(service, 'revoker@example.com'), await newOwner(service, 'stranger@example.com')];
      const [revoked, expired] = [await invite(owner.browser), await invite(owner.browser)];
      expect((await stranger.browser.call('DELETE', `/api/v1/invites/${revoked.id}`)).status).toBe(404);
      expect((await owner.browser.call('DELETE', `/api/v1/invites/${revoked.id}`)).status).toBe(204);
      expect((await owner.browser.call('DELETE', `/api/v1/invites/${revoked.id}`)).status).toBe(404);
      const open = await owner.browser.call<ListBody<{ id: string; url: string }>>('GET', '/api/v1/invites');
      expect(open.body.data).toMatchObject([{ id: expired.id, url: expired.url }]);
      expect((await accept(stranger.browser, revoked.token)).body.error.code).toBe('invite_expired');
      const forged = `${expired.id}.${'A'.repeat(43)}`;
      expect((await accept(stranger.browser, forged)).body.error.code).toBe('invite_expired');
      now = new Date(now.getTime() + 14 * DAY_MS);
      await stranger.browser.signIn('stranger@example.com');
      expect((await accept(stranger.browser, expired.token)).body.error.code).toBe('invite_expired');
    },
    TIMEOUT_MS,
  );

  it(
    'keeps an owner: the last one can neither leave nor be demoted, also when two go at once',
    async () => {
      const first = await newOwner(service, 'first@example.com');
      const second = new Browser(service);
      const joined = await second.signUp('second@example.com', { invite_token: (await invite(first.browser, 'owner')).token });
      const secondId = joined.body.user.id;
      const leave = (browser: Browser, userId: string) => browser.call('DELETE', `/api/v1/members/${userId}`);
      const demote = (browser: Browser, userId: string) => browser.call('PATCH', `/api/v1/members/${userId}`, { role: 'member' });
      const both = await Promise.all([demote(first.browser, first.userId), leave(second, secondId)]);
      const refused = both.filter((answer) => answer.status === 409);
      expect([refused.length, refused[0]?.body.error.code]).toEqual([1, 'last_owner']);
      const owners = await service.database.client.membership.count({ where: { accountId: first.accountId, role: 'owner' } });
      expect(owners).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'shows a removed member nothing any more, at once',
    async () => {
      const owner = await newOwner(service, 'remover@example.com');
      const member = new Browser(service);
      const joined = await member.signUp('removed@example.com', { invite_token: (await invite(owner.browser)).token });
      expect((await member.call('DELETE', `/api/v1/members/${owner.userId}`)).body.error.code).toBe('role_not_permitted');
      expect((await owner.browser.call('DELETE', `/api/v1/members/${joined.body.user.id}`)).status).toBe(204);
      expect((await member.call('GET', '/api/v1/account')).body.error.code).toBe('role_not_permitted');
      expect((await owner.browser.call('DELETE', `/api/v1/members/${joined.body.user.id}`)).status).toBe(404);
    },
    TIMEOUT_MS,
  );

  it(
    'holds the plan’s quotas on members and open invites',
    async () => {
      const owner = await newOwner(service, 'small@example.com');
      await service.admin('PUT', '/plans/two', { requests_per_minute: 5, max_members: 2, max_invites: 3 });
      await service.admin('PATCH', `/accounts/${owner.accountId}`, { plan: 'two' });
      const made = await Promise.all([1, 2, 3, 4, 5].map(() => owner.browser.call<InviteBody>('POST', '/api/v1/invites', {})));
      const refused = made.filter((answer) => answer.status === 409);
      expect([refused.length, refused[0]?.body.error.code]).toEqual([2, 'quota_reached']);
      const tokens = made.filter((answer) => answer.status === 201).map((answer) => answer.body.token);
      const joining = await Promise.all(
        tokens.map((token, index) => new Browser(service).signUp(`joins${index}@example.com`, { invite_token: token })),
      );
      expect(joining.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
      expect(await service.database.client.membership.count({ where: { accountId: owner.accountId } })).toBe(2);
    },
    TIMEOUT_MS,
  );

  it(
    'changes settings, refuses what is no time zone, and writes all of it to the account’s log, which only owners read',
    async () => {
      const owner = await newOwner(service, 'settings@example.com');
      const patch = (body: object) => owner.browser.call('PATCH', '/api/v1/account', body);
      for (const zone of ['Europe/Nowhere', '+01:00', '', 'UTC\u0000', 5]) {
        expect((await patch({ time_zone: zone })).body.error.param).toBe('time_zone');
      }
      expect((await patch({})).status).toBe(400);
      expect((await patch({ plan: 'demo' })).body.error.param).toBe('plan');
      expect((await patch({ name: 'Acme', time_zone: 'Europe/Berlin' })).body).toMatchObject({
        name: 'Acme',
        time_zone: 'Europe/Berlin',
      });
      const made = await invite(owner.browser);
      const member = new Browser(service);
      await member.signUp('reader@example.com', { invite_token: made.token });
      expect((await member.call('GET', '/api/v1/audit-log')).body.error.code).toBe('role_not_permitted');
      const log = await owner.browser.call<ListBody<Record<string, unknown>>>('GET', '/api/v1/audit-log');
      expect(log.body.data).toMatchObject([
        { action: 'invite.accepted', target: made.id, actor: { kind: 'user', name: 'reader@example.com' } },
        { action: 'invite.created', target: made.id, before: null, after: { role: 'member' } },
        {
          action: 'account.changed',
          actor: { kind: 'user', id: owner.userId, name: 'settings@example.com' },
          before: { name: 'settings', time_zone: 'UTC' },
          after: { name: 'Acme', time_zone: 'Europe/Berlin' },
        },
      ]);
      expect(log.text).not.toContain(made.token);
      expect(log.body.data.every((entry) => typeof entry['request_id'] === 'string')).toBe(true);
    },
    TIMEOUT_MS,
  );
});

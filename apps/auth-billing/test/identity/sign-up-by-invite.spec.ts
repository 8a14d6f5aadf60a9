import { MembershipOfNewUser } from '../../src/identity/signup/membership-of-new-user.js';
import { InviteTokens } from '../../src/identity/team/invite-tokens.js';
import { SETTINGS_DEFAULT } from '../../src/index.js';
import { TestService } from '../service.js';
import { Browser } from './people.js';

const TIMEOUT_MS = 180_000;

describe('sign-up by invite', () => {
  it(
    'is refused without an invite and with a forged one, and leaves no user behind',
    async () => {
      const service = await TestService.start(undefined, undefined, { signupMode: 'invite' });
      try {
        const plain = await new Browser(service).signUp('late@example.com');
        expect([plain.status, plain.body.error.code]).toEqual([403, 'signup_closed']);
        const forged = await new Browser(service).signUp('late@example.com', { invite_token: 'inv_1.nonsense' });
        expect([forged.status, forged.body.error.code]).toEqual([410, 'invite_expired']);
        expect(await service.database.client.user.count()).toBe(0);
        expect((await new Browser(service).call('GET', '/api/v1/signup')).body).toEqual({
          mode: 'invite',
          bonus_nano_usd: '1000000000',
          oidc: false,
        });
      } finally {
        await service.close();
      }
    },
    TIMEOUT_MS,
  );

  it('is refused with an invite, too, where sign-up is closed', () => {
    const settings = { ...SETTINGS_DEFAULT, signupMode: 'closed' } as const;
    const membership = new MembershipOfNewUser(() => new Date(), settings, new InviteTokens('secret-of-tests-16', settings));
    expect(() => membership.assertOpen('inv_1.token')).toThrow('sign-up is closed');
  });
});

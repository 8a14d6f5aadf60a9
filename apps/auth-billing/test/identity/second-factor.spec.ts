import { generate } from 'otplib';
import { TestService } from '../service.js';
import { Browser, newOwner, PASSWORD, type Refused } from './people.js';

const TIMEOUT_MS = 180_000;
const STEP_MS = 30_000;

interface Enrolment extends Refused {
  readonly secret: string;
  readonly otpauth_url: string;
  readonly recovery_codes: readonly string[];
}

describe('the second factor', () => {
  let service: TestService;
  let now = new Date('2026-11-30T12:00:15Z');

  beforeAll(async () => {
    service = await TestService.start(() => now, undefined, { signupMode: 'open' });
  }, TIMEOUT_MS);
  afterAll(() => service.close());

  const codeOf = (secret: string, steps = 0) =>
    generate({ secret, epoch: Math.floor((now.getTime() + steps * STEP_MS) / 1_000) });

  const enrol = async (browser: Browser) => {
    const { secret } = (await browser.call<Enrolment>('POST', '/api/v1/me/totp')).body;
    const confirmed = await browser.call<Enrolment>('POST', '/api/v1/me/totp/confirm', { code: await codeOf(secret) });
    expect(confirmed.status).toBe(200);
    now = new Date(now.getTime() + 2 * STEP_MS);
    return { secret, recoveryCodes: confirmed.body.recovery_codes };
  };

  it(
    'counts only once it is confirmed, and is kept encrypted, its recovery codes as hashes',
    async () => {
      const { browser, userId } = await newOwner(service, 'enrol@example.com');
      const begun = await browser.call<Enrolment>('POST', '/api/v1/me/totp');
      expect(begun.body.otpauth_url).toContain(`secret=${begun.body.secret}`);
      expect((await browser.signIn('enrol@example.com')).status).toBe(201);
      const right = await codeOf(begun.body.secret);
      const wrong = await browser.call('POST', '/api/v1/me/totp/confirm', { code: right === '123456' ? '654321' : '123456' });
      expect([wrong.status, wrong.body.error.param]).toEqual([400, 'code']);
      const confirmed = await browser.call<Enrolment>('POST', '/api/v1/me/totp/confirm', { code: right });
      expect(new Set(confirmed.body.recovery_codes).size).toBe(10);
      expect((await browser.call('POST', '/api/v1/me/totp')).body.error.code).toBe('invalid_state');
      const factor = await service.database.client.totpFactor.findUniqueOrThrow({ where: { userId } });
      const codes = await service.database.client.recoveryCode.findMany({ where: { userId } });
      const kept = JSON.stringify([factor.secret, codes]);
      for (const secret of [begun.body.secret, ...confirmed.body.recovery_codes]) expect(kept).not.toContain(secret);
      expect((await browser.call('GET', '/api/v1/me')).body).toMatchObject({ user: { totp_enabled: true } });
    },
    TIMEOUT_MS,
  );

  it(
    'is asked for at sign-in; each code is taken once, with one step of clock skew either way and no more',
    async () => {
      const { browser } = await newOwner(service, 'asked@example.com');
      const { secret } = await enrol(browser);
      const signIn = async (code?: string) =>
        browser.signIn('asked@example.com', PASSWORD, code === undefined ? {} : { totp_code: code });
      const asked = await signIn();
      expect([asked.status, asked.body.error.code]).toEqual([401, 'mfa_required']);
      expect((await browser.signIn('asked@example.com', 'wrong password')).body.error.code).toBe('invalid_credentials');
      const code = await codeOf(secret);
      expect((await signIn(code)).status).toBe(201);
      const replayed = await signIn(code);
      expect([replayed.status, replayed.body.error.code, replayed.body.error.param]).toEqual([
        401,
        'invalid_credentials',
        'totp_code',
      ]);
      expect((await signIn(await codeOf(secret, -1))).status).toBe(401);
      expect((await signIn(await codeOf(secret, 2))).status).toBe(401);
      expect((await signIn(await codeOf(secret, 1))).status).toBe(201);
      now = new Date(now.getTime() + 4 * STEP_MS);
      const both = await Promise.all([1, 2].map(async () => signIn(await codeOf(secret, -1))));
      expect(both.map((answer) => answer.status).sort()).toEqual([201, 401]);
      expect((await signIn('12345')).body.error.param).toBe('totp_code');
    },
    TIMEOUT_MS,
  );

  it(
    'can be replaced by each recovery code once, and removed',
    async () => {
      const { browser } = await newOwner(service, 'recover@example.com');
      const { recoveryCodes } = await enrol(browser);
      const signIn = (code: string) => browser.signIn('recover@example.com', PASSWORD, { recovery_code: code });
      const [first = '', second = ''] = recoveryCodes;
      expect((await signIn(first)).status).toBe(201);
      expect((await signIn(first)).body.error).toMatchObject({ code: 'invalid_credentials', param: 'recovery_code' });
      expect((await signIn(second.toUpperCase().replaceAll('-', ''))).status).toBe(201);
      expect((await browser.call('DELETE', '/api/v1/me/totp')).status).toBe(204);
      expect((await browser.signIn('recover@example.com')).status).toBe(201);
    },
    TIMEOUT_MS,
  );

  it(
    'is not guessed: wrong codes count like wrong passwords',
    async () => {
      const { browser } = await newOwner(service, 'guessed@example.com');
      await enrol(browser);
      const guesser = new Browser(service, '198.51.100.8');
      const codes = [];
      for (let index = 0; index < 12; index += 1) {
        await guesser.signIn('guessed@example.com');
        codes.push((await guesser.signIn('guessed@example.com', PASSWORD, { totp_code: `00000${index % 10}` })).status);
      }
      expect(codes.slice(0, 10)).toEqual(Array(10).fill(401));
      expect(codes.slice(10)).toEqual([429, 429]);
    },
    TIMEOUT_MS,
  );

  it(
    'may be required by an owner: members without one are held until they set it up, keys are not',
    async () => {
      const { browser, accountId } = await newOwner(service, 'requires@example.com');
      const { key } = await service.key(accountId);
      expect((await browser.call('PATCH', '/api/v1/account', { require_mfa: true })).status).toBe(200);
      const held = await browser.call('GET', '/api/v1/billing');
      expect([held.status, held.body.error.code]).toEqual([403, 'mfa_enrolment_required']);
      expect((await service.withKey(key, 'GET', '/api/v1/billing')).status).toBe(200);
      expect((await browser.call('GET', '/api/v1/me')).status).toBe(200);
      await enrol(browser);
      expect((await browser.call('GET', '/api/v1/billing')).status).toBe(200);
    },
    TIMEOUT_MS,
  );
});

import { TestService } from '../service.js';
import { Browser, newOwner, type Refused } from './people.js';
import { CLIENT_ID, CLIENT_SECRET, type ProviderPerson, RealProvider } from './real-provider.js';

const TIMEOUT_MS = 180_000;
const PUBLIC_URL = 'http://localhost:8080';

const PEOPLE = new Map<string, ProviderPerson>([
  ['grace', { email: 'Grace@Example.com', email_verified: true }],
  ['mallory', { email: 'victim@example.com', email_verified: false }],
  ['squatted', { email: 'squatted@example.com', email_verified: true }],
  ['prepared', { email: 'prepared@example.com', email_verified: true }],
]);

interface Me extends Refused {
  readonly user: { readonly id: string; readonly email: string };
  readonly accounts: readonly { readonly id: string }[];
}

describe('sign-in by a real OpenID provider', () => {
  let service: TestService;
  let provider: RealProvider;
  const transcript: string[] = [];

  beforeAll(async () => {
    provider = await RealProvider.start(`${PUBLIC_URL}/api/v1/oidc/callback`, PEOPLE);
    const oidc = { issuer: provider.issuer, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
    service = await TestService.start(undefined, undefined, { signupMode: 'open', publicUrl: PUBLIC_URL, oidc });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await service.close();
    await provider.close();
  });

  const start = async (browser: Browser, query = ''): Promise<string> => {
    const answer = await browser.call('GET', `/api/v1/oidc/start${query}`, undefined, {});
    expect(answer.status).toBe(302);
    return answer.headers.get('location') ?? '';
  };
  const callback = (browser: Browser, url: string) => browser.call('GET', url.slice(PUBLIC_URL.length));
  const signIn = async (browser: Browser, login: string, query = '') =>
    callback(browser, await provider.signIn(await start(browser, query), login, transcript));
  const me = async (browser: Browser) => (await browser.call<Me>('GET', '/api/v1/me')).body;

  it(
    'makes a new user with an account, knows it the next time, and leads back into the console only',
    async () => {
      const browser = new Browser(service);
      const authorizationUrl = new URL(await start(browser));
      expect(Object.fromEntries(authorizationUrl.searchParams)).toMatchObject({
        response_type: 'code',
        code_challenge_method: 'S256',
        scope: 'openid email',
      });
      expect(authorizationUrl.searchParams.get('nonce')).toMatch(/^.{40,}$/);
      const first = await signIn(browser, 'grace', '?return_to=/console/keys');
      expect([first.status, first.headers.get('location')]).toEqual([302, '/console/keys']);
      const { user, accounts } = await me(browser);
      expect([user.email, accounts.length]).toEqual(['grace@example.com', 1]);
      const again = new Browser(service);
      await signIn(again, 'grace');
      expect((await me(again)).user.id).toBe(user.id);
      const outside = await again.call('GET', '/api/v1/oidc/start?return_to=//evil.example');
      expect([outside.status, outside.body.error.param]).toEqual([400, 'return_to']);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses an address that the provider has not verified, and takes no user over by it',
    async () => {
      const victim = await newOwner(service, 'victim@example.com');
      const browser = new Browser(service);
      const answer = await signIn(browser, 'mallory');
      expect([answer.status, answer.body.error.code]).toEqual([400, 'oidc_failed']);
      expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
      expect((await me(victim.browser)).user.email).toBe('victim@example.com');
    },
    TIMEOUT_MS,
  );

  it(
    'is not joined with a user who signed up by password with an address never proven, until that user connects it',
    async () => {
      const squatter = await newOwner(service, 'squatted@example.com');
      const stranger = await signIn(new Browser(service), 'squatted');
      expect([stranger.status, stranger.body.error.code]).toEqual([400, 'oidc_failed']);
      expect((await signIn(squatter.browser, 'squatted')).status).toBe(302);
      const later = new Browser(service);
      expect((await signIn(later, 'squatted')).status).toBe(302);
      expect((await me(later)).user.id).toBe(squatter.userId);
    },
    TIMEOUT_MS,
  );

  it(
    'signs in the owner whom an operator set up without a password',
    async () => {
      const created = await service.admin<{ id: string }>('POST', '/accounts', {
        name: 'made',
        owner_email: 'prepared@example.com',
      });
      const browser = new Browser(service);
      expect((await signIn(browser, 'prepared')).status).toBe(302);
      expect((await me(browser)).accounts.map(({ id }) => id)).toEqual([created.body.id]);
    },
    TIMEOUT_MS,
  );

  it(
    'takes a state once, in the browser that began, and with the code it belongs to',
    async () => {
      const browser = new Browser(service);
      const returned = await provider.signIn(await start(browser), 'grace', transcript);
      const thief = await callback(new Browser(service), returned);
      expect([thief.status, thief.body.error.code]).toEqual([400, 'oidc_failed']);
      // The thief's try used it up.
      expect((await callback(browser, returned)).body.error.code).toBe('oidc_failed');
      const second = await provider.signIn(await start(browser), 'grace', transcript);
      expect((await callback(browser, second)).status).toBe(302);
      const replayed = await callback(browser, second);
      expect([replayed.status, replayed.body.error.code]).toEqual([400, 'oidc_failed']);
      const mixed = new URL(await provider.signIn(await start(browser), 'grace', transcript));
      mixed.searchParams.set('code', 'x'.repeat(43));
      expect((await callback(browser, mixed.href)).body.error.code).toBe('oidc_failed');
      expect((await browser.call('GET', '/api/v1/oidc/callback?state=unknown&code=x')).body.error.code).toBe('oidc_failed');
      expect((await browser.call('GET', '/api/v1/oidc/callback?code=x')).body.error.param).toBe('state');
      expect(transcript.slice(0, 4)[0]).toMatch(/^GET \/auth → 303$/);
    },
    TIMEOUT_MS,
  );
});

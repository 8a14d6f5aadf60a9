import { TestService } from '../service.js';
import { Browser, newOwner, type Refused } from './people.js';

const TIMEOUT_MS = 180_000;

describe('guessing passwords', () => {
  let service: TestService;
  let now = new Date('2026-11-30T12:00:00Z');

  beforeAll(async () => {
    service = await TestService.start(() => now, undefined, { signupMode: 'open', signupsPerHour: 3 });
  }, TIMEOUT_MS);
  afterAll(() => service.close());

  it(
    'ends in 429 for the one who guesses, in a burst as well, and locks out no one else',
    async () => {
      const victim = await newOwner(service, 'victim@example.com');
      await newOwner(service, 'bystander@example.com');
      await victim.browser.signIn('victim@example.com');
      const guesser = new Browser(service, '198.51.100.1');
      const guesses = await Promise.all(Array.from({ length: 30 }, () => guesser.signIn('victim@example.com', 'a guess')));
      expect(guesses.filter((answer) => answer.status === 401).length).toBe(10);
      expect(guesses.filter((answer) => answer.body.error.code === 'rate_limit_exceeded').length).toBe(20);
      // From the guesser's own network: the victim's known browser, and an address that never failed.
      const known = new Browser(service, '198.51.100.1');
      known.setCookie('ecolink_device', victim.browser.cookie('ecolink_device') ?? '');
      expect((await known.signIn('victim@example.com')).status).toBe(201);
      expect((await new Browser(service, '198.51.100.1').signIn('bystander@example.com')).status).toBe(201);
      // From elsewhere: a browser that was never here.
      expect((await new Browser(service, '203.0.113.77').signIn('victim@example.com')).status).toBe(201);
      now = new Date(now.getTime() + 31 * 60_000);
      expect((await guesser.signIn('victim@example.com', 'a guess')).status).toBe(401);
    },
    TIMEOUT_MS,
  );

  it(
    'is bounded for a network that tries many addresses',
    async () => {
      const sprayer = new Browser(service, '198.51.100.2');
      const answers = [];
      for (let index = 0; index < 40; index += 1) answers.push(await sprayer.signIn(`user${index}@example.com`, 'a guess'));
      expect(answers.filter((answer) => answer.status === 401).length).toBeLessThanOrEqual(30);
      expect(answers.at(-1)?.status).toBe(429);
      expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'bounds sign-ups of one network, and wrong operator tokens, which the right one outlives',
    async () => {
      const browser = new Browser(service, '198.51.100.3');
      const statuses = [];
      for (let index = 0; index < 4; index += 1) statuses.push((await browser.signUp(`many${index}@example.com`)).status);
      expect(statuses).toEqual([201, 201, 201, 429]);
      const wrong = () =>
        service.call<Refused>('GET', '/admin/v1/accounts', { headers: { authorization: 'Bearer wrong-token-of-tests' } });
      const answers = [];
      for (let index = 0; index < 25; index += 1) answers.push((await wrong()).status);
      expect([answers.filter((status) => status === 401).length, answers.at(-1)]).toEqual([20, 429]);
      expect((await service.admin('GET', '/accounts')).status).toBe(200);
      const metrics = await service.call('GET', '/metrics');
      expect(metrics.text).toMatch(/ecolink_refused_credentials_total\{kind="operator_token"\} \d/);
    },
    TIMEOUT_MS,
  );
});

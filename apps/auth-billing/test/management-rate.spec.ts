import { openDatabase } from '@ecolink/database';
import { createBus } from '@ecolink/messaging';
import { HEADER } from '@ecolink/contracts';
import type { RunningService } from '@ecolink/service-kit';
import { startAuthBilling } from '../src/index.js';
import type { Refused } from './identity/people.js';
import { ADMIN_TOKEN, INTERNAL_SECRET, TestService } from './service.js';

const TIMEOUT_MS = 180_000;
const LIMIT = 600;
const MINUTE_MS = 60_000;
const AT_ONCE = 20;

describe('the rate of management calls', () => {
  let first: TestService;
  let second: RunningService;
  const closers: (() => Promise<unknown>)[] = [];
  let nowMs = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  const clock = () => new Date(nowMs);

  beforeAll(async () => {
    first = await TestService.start(clock);
    const database = openDatabase({ url: first.database.url });
    const bus = createBus({ clientId: 'second', databaseUrl: first.database.url });
    const adminTokens = new Map([[ADMIN_TOKEN, 'tester']]);
    const common = { host: '127.0.0.1', port: 0, internalSecret: INTERNAL_SECRET, adminTokens, clock };
    second = await startAuthBilling({ ...common, database, bus });
    closers.push(
      () => second.close(),
      () => bus.close(),
      () => database.close(),
      () => first.close(),
    );
  }, TIMEOUT_MS);
  afterAll(async () => {
    for (const close of closers) await close();
  });

  const call = async (url: string, key: string): Promise<string> => {
    const headers = { authorization: `Bearer ${key}`, [HEADER.clientAddress]: '192.0.2.77' };
    const response = await fetch(`${url}/api/v1/billing/transactions`, { headers });
    const body = (await response.json()) as Partial<Refused>;
    return body.error?.code ?? String(response.status);
  };
  /** What another service of the product asks. */
  const ask = async (url: string, key: string): Promise<string> => {
    const response = await fetch(`${url}/internal/authorize`, {
      method: 'POST',
      headers: { [HEADER.internalSecret]: INTERNAL_SECRET, 'content-type': 'application/json' },
      body: JSON.stringify({ authorization: `Bearer ${key}`, cookie: null, client_address: '192.0.2.77' }),
    });
    const body = (await response.json()) as Partial<Refused>;
    return body.error?.code ?? String(response.status);
  };
  const many = async (count: number, one: (index: number) => Promise<string>): Promise<Map<string, number>> => {
    const answers = new Map<string, number>();
    for (let made = 0; made < count; made += AT_ONCE) {
      const some = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(made + index)));
      for (const answer of some) answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
    return answers;
  };

  it(
    'holds for an account over all processes and services, and slides',
    async () => {
      const [mine, other] = [await first.key(await first.account()), await first.key(await first.account())];
      const urls = [first.service.url, second.url];
      const urlOf = (index: number): string => urls[index % 2] ?? '';
      const answers = await many(LIMIT + 100, (index) => (index % 4 < 2 ? call : ask)(urlOf(index), mine.key));
      const served = answers.get('200') ?? 0;
      expect(served + (answers.get('rate_limit_exceeded') ?? 0)).toBe(LIMIT + 100);
      // Those that are asked about at one instant do not see each other.
      expect(served).toBeGreaterThanOrEqual(LIMIT);
      expect(served).toBeLessThanOrEqual(LIMIT + AT_ONCE);
      for (const url of urls) {
        expect(await call(url, mine.key)).toBe('rate_limit_exceeded');
        expect(await call(url, other.key)).toBe('200');
      }
      nowMs += MINUTE_MS + MINUTE_MS / 2;
      const later = await many(LIMIT / 2 + 2 * AT_ONCE, (index) => ask(urlOf(index), mine.key));
      expect(later.get('200')).toBeGreaterThanOrEqual(LIMIT / 2 - AT_ONCE);
      expect(later.get('200')).toBeLessThanOrEqual(LIMIT / 2 + AT_ONCE);
    },
    TIMEOUT_MS,
  );

  it(
    'holds for a network that is not let in, whoever it asks',
    async () => {
      nowMs += 5 * MINUTE_MS;
      const urls = [first.service.url, second.url];
      const answers = await many(LIMIT + 60, (index) => ask(urls[index % 2] ?? '', 'eco_nobody'));
      expect(answers.get('invalid_api_key')).toBeGreaterThanOrEqual(LIMIT);
      expect(answers.get('invalid_api_key')).toBeLessThanOrEqual(LIMIT + AT_ONCE);
      expect(await ask(urls[1] ?? '', 'eco_nobody')).toBe('rate_limit_exceeded');
    },
    TIMEOUT_MS,
  );
});

import { jest } from '@jest/globals';
import { type KeyState, type PlaygroundToken, TOPIC } from '@ecolink/contracts';
import { keyHash } from '../src/identity/keys/key-hash.js';
import { hashPassword } from '../src/identity/passwords/password-hash.js';
import { TestService } from './service.js';

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly param: string | null };
}

const MINUTE_MS = 60_000;

jest.setTimeout(180_000);

describe('the token of a playground', () => {
  let service: TestService;
  let now = new Date('2026-11-30T12:00:00.000Z');
  let nextUser = 0;

  beforeAll(async () => {
    service = await TestService.start(() => now);
  }, 120_000);
  afterAll(() => service.close());

  /** A signed-in person of the account. */
  const person = async (account: string, role: 'owner' | 'member') => {
    const email = `person${(nextUser += 1)}@example.com`;
    const id = `usr_${email}`;
    const { client } = service.database;
    await client.user.create({ data: { id, email, passwordHash: await hashPassword('correct horse') } });
    await client.membership.create({ data: { accountId: account, userId: id, role } });
    const answer = await service.call('POST', '/api/v1/session', { body: { email, password: 'correct horse' } });
    return { id, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
  };
  const take = (cookie: string, body: object = {}) =>
    service.call<PlaygroundToken & ErrorAnswer>('POST', '/api/v1/playground/token', { headers: { cookie }, body });
  const stateOf = async (key: string): Promise<KeyState | undefined> => {
    const where = { topic: TOPIC.keyChanged, key: keyHash(key) };
    const rows = await service.database.client.busEvent.findMany({ where, orderBy: { id: 'asc' } });
    return rows.at(-1)?.data as KeyState | undefined;
  };

  it('lives for 15 minutes, may only call models, and says whose it is', async () => {
    const account = await service.account();
    const { id, cookie } = await person(account, 'member');
    const { status, body } = await take(cookie);
    expect(status).toBe(201);
    expect(body.expires_at).toBe(new Date(now.getTime() + 15 * MINUTE_MS).toISOString());
    expect(await stateOf(body.key)).toMatchObject({
      account_id: account,
      scopes: ['inference'],
      source_tag: 'playground',
      created_by: id,
      expires_at: body.expires_at,
      status: 'active',
    });
    const projected = await service.internal<{ items: KeyState[] }>('GET', '/projections/keys?limit=5000');
    expect(projected.body.items.find(({ key_hash }) => key_hash === keyHash(body.key))).toMatchObject({ created_by: id });
  });

  it('is a person’s: a management key gets none', async () => {
    const { key } = await service.key(await service.account());
    const answer = await service.withKey<ErrorAnswer>(key, 'POST', '/api/v1/playground/token', {});
    expect([answer.status, answer.body.error.code]).toEqual([401, 'session_required']);
  });

  it('is in no list of keys and takes none of their quota', async () => {
    const account = await service.account();
    const { cookie } = await person(account, 'owner');
    await take(cookie);
    const list = await service.call<{ data: { source_tag: string | null }[] }>('GET', '/api/v1/api-keys', {
      headers: { cookie },
    });
    expect(list.body.data.filter(({ source_tag }) => source_tag === 'playground')).toEqual([]);
  });

  it('is deleted a day after it expired unused, and the oldest one revoked when a person holds very many', async () => {
    const account = await service.account();
    const { cookie } = await person(account, 'owner');
    const tokens: string[] = [];
    for (let count = 0; count < 21; count += 1) {
      now = new Date(now.getTime() + 1_000);
      tokens.push((await take(cookie)).body.key);
    }
    const states = await Promise.all(tokens.map((key) => stateOf(key)));
    expect(states.map((state) => state?.status)).toEqual(['revoked', ...Array.from({ length: 20 }, () => 'active')]);
    now = new Date(now.getTime() + (24 * 60 + 16) * MINUTE_MS);
    await take(cookie);
    expect(await service.database.client.apiKey.count({ where: { accountId: account, isPlayground: true } })).toBe(1);
  });

  it('refuses fields that it does not know', async () => {
    const { cookie } = await person(await service.account(), 'owner');
    expect((await take(cookie, { scopes: ['management'] })).status).toBe(400);
  });
});

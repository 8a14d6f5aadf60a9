import { jest } from '@jest/globals';
import { type ApiKeyView, type CreatedApiKey, type KeyState, type RevokedApiKey, TOPIC } from '@ecolink/contracts';
import { keyHash } from '../src/identity/keys/key-hash.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string };
}
interface List<Item> {
  readonly data: readonly Item[];
}

const KEYS = '/api/v1/api-keys';
const MINUTE_MS = 60_000;

jest.setTimeout(180_000);

describe('API keys', () => {
  let service: TestService;
  let now = new Date('2026-11-30T12:00:30.000Z');

  beforeAll(async () => {
    service = await TestService.start(() => now);
  }, 120_000);
  afterAll(() => service.close());

  const states = async (key: string): Promise<KeyState[]> => {
    const where = { topic: TOPIC.keyChanged, key: keyHash(key) };
    const rows = await service.database.client.busEvent.findMany({ where, orderBy: { id: 'asc' } });
    return rows.map((row) => row.data as KeyState);
  };
  const projected = async (key: string): Promise<KeyState | undefined> => {
    const { body } = await service.internal<{ items: KeyState[] }>('GET', '/projections/keys?limit=5000');
    return body.items.find((item) => item.key_hash === keyHash(key));
  };
  const owner = async (): Promise<{ account: string; key: string; id: string }> => {
    const account = await service.account();
    const { key, id } = await service.key(account);
    return { account, key, id };
  };
  const make = async (key: string, body: object = {}): Promise<CreatedApiKey> => {
    const answer = await service.withKey<CreatedApiKey>(key, 'POST', KEYS, { name: 'k', ...body });
    expect(answer.status).toBe(201);
    return answer.body;
  };

  describe('limits', () => {
    it('are kept in one spelling, shown, and announced with the key', async () => {
      const { key } = await owner();
      const allow = {
        instances: [7, 7, 3],
        models: ['my-llama:7', 'org/model'],
        endpoints: ['/v1/chat/completions'],
        regions: [],
        networks: ['10.1.2.3/8', '::ffff:192.0.2.1', '2001:DB8:0:0::1/64'],
      };
      const limited = await make(key, { allow });
      expect(limited.allow).toEqual({
        ...allow,
        instances: [7, 3],
        networks: ['10.0.0.0/8', '192.0.2.1/32', '2001:db8::/64'],
      });
      expect((await states(limited.key)).at(-1)?.allow).toEqual(limited.allow);
      expect((await projected(limited.key))?.allow).toEqual(limited.allow);
    });

    it('are absent, not empty, from a key that has none', async () => {
      const { key } = await owner();
      const unlimited = await make(key, { allow: { instances: null } });
      expect(unlimited.allow).toBeNull();
      expect((await states(unlimited.key)).at(-1)).not.toHaveProperty('allow');
    });

    it.each([
      [{ networks: ['10.0.0.0/33'] }, 'allow.networks[0]'],
      [{ networks: ['10.0.0.0/8', '10.0.0'] }, 'allow.networks[1]'],
      [{ networks: ['010.0.0.1/8'] }, 'allow.networks[0]'],
      [{ networks: ['0x7f.0.0.1'] }, 'allow.networks[0]'],
      [{ networks: ['::1/129'] }, 'allow.networks[0]'],
      [{ networks: ['::ffff:10.0.0.0/104'] }, 'allow.networks[0]'],
      [{ networks: ['localhost'] }, 'allow.networks[0]'],
      [{ networks: ['10.0.0.0/-1'] }, 'allow.networks[0]'],
      [{ networks: [''] }, 'allow.networks[0]'],
      [{ networks: '10.0.0.0/8' }, 'allow.networks'],
      [{ instances: ['7'] }, 'allow.instances[0]'],
      [{ instances: [0] }, 'allow.instances[0]'],
      [{ instances: [1.5] }, 'allow.instances[0]'],
      [{ endpoints: ['/v1/chat'] }, 'allow.endpoints[0]'],
      [{ regions: ['a b'] }, 'allow.regions[0]'],
      [{ models: ['a\u0000'] }, 'allow.models[0]'],
      [{ models: Array.from({ length: 101 }, (_, index) => `m${index}`) }, 'allow.models'],
      [{ tokens: [] }, 'allow.tokens'],
      [[], 'allow'],
    ])('of the shape %j are refused by the name of the field, and nothing is made', async (allow, param) => {
      const { key, account } = await owner();
      const answer = await service.withKey<ErrorAnswer>(key, 'POST', KEYS, { name: 'x', allow });
      expect([answer.status, answer.body.error.code, answer.body.error.param]).toEqual([400, 'invalid_request', param]);
      expect(await service.database.client.apiKey.count({ where: { accountId: account } })).toBe(1);
    });
  });

  describe('changing a key', () => {
    it('changes what is given and leaves the rest, with a higher version', async () => {
      const { key } = await owner();
      const made = await make(key, { source_tag: 'ci', allow: { regions: ['mv'] } });
      const changed = await service.withKey<ApiKeyView>(key, 'PATCH', `${KEYS}/${made.id}`, { name: 'renamed', allow: null });
      expect(changed.body).toMatchObject({ name: 'renamed', source_tag: 'ci', allow: null, scopes: ['inference'] });
      expect((await states(made.key)).map(({ version, allow }) => [version, allow])).toEqual([
        [1, { regions: ['mv'] }],
        [2, undefined],
      ]);
      expect((await service.withKey<ApiKeyView>(key, 'GET', `${KEYS}/${made.id}`)).body).toEqual(changed.body);
    });

    it.each([
      [{}, null],
      [{ nonsense: 1 }, 'nonsense'],
      [{ key: 'eco_x' }, 'key'],
      [{ expires_at: '2026-11-30T12:00:30.000Z' }, 'expires_at'],
      [{ scopes: [] }, 'scopes'],
      [{ name: '\u0007' }, 'name'],
    ])('refuses %j', async (patch, param) => {
      const { key, id } = await owner();
      const answer = await service.withKey<ErrorAnswer>(key, 'PATCH', `${KEYS}/${id}`, patch);
      expect([answer.status, answer.body.error.param]).toEqual([400, param]);
    });

    it('is impossible once it is revoked', async () => {
      const { key } = await owner();
      const made = await make(key);
      await service.withKey(key, 'DELETE', `${KEYS}/${made.id}`);
      const answers = [
        await service.withKey<ErrorAnswer>(key, 'PATCH', `${KEYS}/${made.id}`, { name: 'x' }),
        await service.withKey<ErrorAnswer>(key, 'POST', `${KEYS}/${made.id}/rotate`, {}),
      ];
      expect(answers.map(({ status, body }) => [status, body.error.code])).toEqual([
        [409, 'invalid_state'],
        [409, 'invalid_state'],
      ]);
    });

    it('is 404 for the key of another account, in every call', async () => {
      const [mine, theirs] = [await owner(), await owner()];
      const path = `${KEYS}/${theirs.id}`;
      const answers = await Promise.all([
        service.withKey<ErrorAnswer>(mine.key, 'GET', path),
        service.withKey<ErrorAnswer>(mine.key, 'PATCH', path, { name: 'x' }),
        service.withKey<ErrorAnswer>(mine.key, 'POST', `${path}/rotate`, {}),
        service.withKey<ErrorAnswer>(mine.key, 'DELETE', path),
        service.withKey<ErrorAnswer>(mine.key, 'DELETE', `${path}?with_descendants=true`),
      ]);
      expect(answers.map(({ status, body }) => [status, body.error.code])).toEqual(Array(5).fill([404, 'not_found']));
      expect((await service.withKey<ApiKeyView>(theirs.key, 'GET', path)).body).toMatchObject({ status: 'active', name: 'test' });
    });
  });

  describe('rotating a key', () => {
    const rotate = (key: string, id: string, minutes?: number) =>
      service.withKey<CreatedApiKey>(
        key,
        'POST',
        `${KEYS}/${id}/rotate`,
        minutes === undefined ? {} : { overlap_minutes: minutes },
      );

    it('gives the same key a new text; the earlier one serves until the stated instant and not after', async () => {
      const { key } = await owner();
      const made = await make(key, { scopes: ['management'], source_tag: 'ci', allow: { regions: ['mv'] } });
      const rotated = await rotate(key, made.id, 5);
      const until = new Date(now.getTime() + 5 * MINUTE_MS).toISOString();
      expect(rotated.status).toBe(201);
      expect(rotated.body).toMatchObject({ id: made.id, source_tag: 'ci', allow: { regions: ['mv'] }, status: 'active' });
      expect(rotated.body.earlier_secrets_serve_until).toBe(until);
      expect(rotated.body.key).not.toBe(made.key);
      const told = { key_id: made.id, status: 'active', source_tag: 'ci', allow: { regions: ['mv'] }, version: 2 };
      expect((await states(made.key)).at(-1)).toMatchObject({ ...told, expires_at: until });
      expect((await states(rotated.body.key)).at(-1)).toMatchObject({ ...told, expires_at: null });
      expect(await projected(made.key)).toMatchObject({ ...told, expires_at: until });
      const started = now;
      now = new Date(started.getTime() + 5 * MINUTE_MS - 1);
      expect((await service.withKey(made.key, 'GET', KEYS)).status).toBe(200);
      now = new Date(started.getTime() + 5 * MINUTE_MS);
      expect((await service.withKey(made.key, 'GET', KEYS)).status).toBe(401);
      expect((await service.withKey(rotated.body.key, 'GET', KEYS)).status).toBe(200);
      expect((await service.withKey<ApiKeyView>(key, 'GET', `${KEYS}/${made.id}`)).body.earlier_secrets_serve_until).toBeNull();
    });

    it('without an overlap ends all earlier texts at once', async () => {
      const { key } = await owner();
      const made = await make(key, { scopes: ['management'] });
      const second = (await rotate(key, made.id, 60)).body;
      const third = (await rotate(key, made.id)).body;
      const statuses = [made, second, third].map(async (each) => (await service.withKey(each.key, 'GET', KEYS)).status);
      expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
      const ends = [await states(made.key), await states(second.key)].map((all) => all.at(-1)?.expires_at);
      expect(ends).toEqual([now.toISOString(), now.toISOString()]);
    });

    it('never lets an earlier text outlive the expiry of its key', async () => {
      const { key } = await owner();
      const expires = new Date(now.getTime() + MINUTE_MS).toISOString();
      const made = await make(key, { expires_at: expires });
      await rotate(key, made.id, 10);
      expect((await states(made.key)).at(-1)?.expires_at).toBe(expires);
    });

    it('announces a revocation for every text of the key', async () => {
      const { key } = await owner();
      const made = await make(key);
      const rotated = (await rotate(key, made.id, 10)).body;
      await service.withKey(key, 'DELETE', `${KEYS}/${made.id}`);
      const last = [await states(made.key), await states(rotated.key)].map((all) => all.at(-1));
      expect(last).toMatchObject([{ status: 'revoked' }, { status: 'revoked' }]);
      expect(await projected(made.key)).toMatchObject({ status: 'revoked' });
    });

    it('is bounded within a day', async () => {
      const { key } = await owner();
      const made = await make(key);
      for (let count = 0; count < 20; count += 1) expect((await rotate(key, made.id)).status).toBe(201);
      expect((await rotate(key, made.id)).status).toBe(409);
      now = new Date(now.getTime() + 25 * 60 * MINUTE_MS);
      expect((await rotate(key, made.id)).status).toBe(201);
      expect(await service.database.client.apiKeyEarlierSecret.count({ where: { keyId: made.id } })).toBe(1);
    });

    it.each([-1, 10_081, 1.5, '5', null])('refuses an overlap of %j minutes', async (minutes) => {
      const { key, id } = await owner();
      const answer = await service.withKey<ErrorAnswer>(key, 'POST', `${KEYS}/${id}/rotate`, { overlap_minutes: minutes });
      expect([answer.status, answer.body.error.param]).toEqual([400, 'overlap_minutes']);
    });

    it('happens once for an Idempotency-Key, and the text is not given twice', async () => {
      const { key, id } = await owner();
      const again = () =>
        service.call<ErrorAnswer & CreatedApiKey>('POST', `${KEYS}/${id}/rotate`, {
          body: { overlap_minutes: 10 },
          headers: { authorization: `Bearer ${key}`, 'idempotency-key': `rotate-${id}` },
        });
      const [first, second] = [await again(), await again()];
      expect([first.status, second.status, second.body.error.code]).toEqual([201, 409, 'idempotency_key_reused']);
      expect((await service.withKey(first.body.key, 'GET', KEYS)).status).toBe(200);
    });
  });

  describe('keys that keys made', () => {
    it('are shown with their maker, can be listed by it, and lack the scope management unless asked for', async () => {
      const { key, id } = await owner();
      const child = await make(key);
      expect([child.created_by, child.scopes]).toEqual([id, ['inference']]);
      const listed = await service.withKey<List<ApiKeyView>>(key, 'GET', `${KEYS}?created_by=${id}`);
      expect(listed.body.data.map((each) => each.id)).toEqual([child.id]);
      expect((await service.withKey<ApiKeyView>(key, 'GET', `${KEYS}/${id}`)).body.created_by).toBe('operator');
    });

    it('live on when their maker is revoked, and die with it, to the last generation, where asked for', async () => {
      const { key: root } = await owner();
      const parent = await make(root, { scopes: ['management'] });
      const child = await make(parent.key, { scopes: ['management'] });
      const grandchild = await make(child.key);
      const sibling = await make(root);
      const alone = await service.withKey<RevokedApiKey>(root, 'DELETE', `${KEYS}/${parent.id}`);
      expect(alone.body).toMatchObject({ status: 'revoked', revoked_descendants: [] });
      expect((await states(child.key)).at(-1)?.status).toBe('active');
      const all = await service.withKey<RevokedApiKey>(root, 'DELETE', `${KEYS}/${parent.id}?with_descendants=true`);
      expect(all.body.revoked_descendants).toEqual([child.id, grandchild.id].sort());
      const last = [await states(child.key), await states(grandchild.key), await states(sibling.key)];
      expect(last.map((each) => each.at(-1)?.status)).toEqual(['revoked', 'revoked', 'active']);
    });

    it('that race with the revocation of their maker are either refused or revoked with it', async () => {
      const { key: root, account } = await owner();
      const parent = await make(root, { scopes: ['management'] });
      const creations = Array.from({ length: 10 }, () => service.withKey(parent.key, 'POST', KEYS, { name: 'race' }));
      const revocation = service.withKey<RevokedApiKey>(root, 'DELETE', `${KEYS}/${parent.id}?with_descendants=true`);
      const [revoked, ...made] = await Promise.all([revocation, ...creations]);
      expect(revoked.status).toBe(200);
      expect(made.every(({ status }) => status === 201 || status === 401)).toBe(true);
      const alive = await service.database.client.apiKey.count({ where: { accountId: account, name: 'race', revokedAt: null } });
      expect(alive).toBe(0);
    });
  });

  it('that are limited to networks are held to them in management calls, too', async () => {
    const { key, id } = await owner();
    const from = (address: string) =>
      service.call<ErrorAnswer>('GET', KEYS, {
        headers: { authorization: `Bearer ${key}`, 'x-ecolink-client-address': address },
      });
    await service.withKey(key, 'PATCH', `${KEYS}/${id}`, { allow: { networks: ['192.0.2.0/24', '2001:db8::/32'] } });
    const answers = [await from('192.0.2.7'), await from('2001:db8::7'), await from('198.51.100.7'), await from('nonsense')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 403]);
    expect(answers[2]?.body.error.code).toBe('key_not_allowed');
  });

  it('are as many as the plan allows: of creations that race only so many win, and a revoked key makes room', async () => {
    await service.admin('PUT', '/plans/few-keys', { requests_per_minute: 5, max_keys: 3 });
    const { account, key } = await owner();
    await service.admin('PATCH', `/accounts/${account}`, { plan: 'few-keys' });
    const creations = Array.from({ length: 5 }, () =>
      service.withKey<ErrorAnswer & CreatedApiKey>(key, 'POST', KEYS, { name: 'x' }),
    );
    const answers = await Promise.all(creations);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.error.code).toBe('quota_reached');
    await service.withKey(key, 'DELETE', `${KEYS}/${answers.find(({ status }) => status === 201)?.body.id}`);
    expect((await service.withKey(key, 'POST', KEYS, { name: 'x' })).status).toBe(201);
  });

  it('leave what was done to them in the audit log of the account, without any text of a key', async () => {
    const { key, id } = await owner();
    const made = await make(key);
    await service.withKey(key, 'PATCH', `${KEYS}/${made.id}`, { name: 'renamed' });
    const rotated = await service.withKey<CreatedApiKey>(key, 'POST', `${KEYS}/${made.id}/rotate`, {});
    await service.withKey(key, 'DELETE', `${KEYS}/${made.id}`);
    const log = await service.withKey<List<{ action: string; target: string; actor: { id: string } }>>(
      key,
      'GET',
      '/api/v1/audit-log',
    );
    const ofKey = log.body.data.filter(({ target }) => target === made.id);
    expect(ofKey.map(({ action }) => action).sort()).toEqual([
      'api_key.changed',
      'api_key.created',
      'api_key.revoked',
      'api_key.rotated',
    ]);
    expect(new Set(ofKey.map(({ actor }) => actor.id))).toEqual(new Set([id]));
    for (const secret of [made.key, rotated.body.key, keyHash(made.key)]) expect(log.text).not.toContain(secret);
  });

  describe('last_used_at', () => {
    it('is the minute of the newest call, from usage and from management calls, and never goes back', async () => {
      const { account, key, id } = await owner();
      const used = async () => (await service.withKey<ApiKeyView>(key, 'GET', `${KEYS}/${id}`)).body.last_used_at;
      const minute = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
      expect(await used()).toBe(minute.toISOString());
      const { id: quiet } = await make(key);
      const read = async () => (await service.withKey<ApiKeyView>(key, 'GET', `${KEYS}/${quiet}`)).body.last_used_at;
      expect(await read()).toBeNull();
      const call = (endedAt: string) => usageEvent(account, { key_id: quiet, ended_at: endedAt });
      await service.bus.publish([call('2026-11-29T10:00:59.999Z'), call('2026-11-29T09:00:00.000Z')]);
      await expect(eventually(read, '2026-11-29T10:00:00.000Z')).resolves.toBe(true);
    });
  });

  async function eventually<T>(read: () => Promise<T>, expected: T): Promise<boolean> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      if ((await read()) === expected) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  }
});

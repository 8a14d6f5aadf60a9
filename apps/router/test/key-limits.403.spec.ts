import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { KeyAllowed, KeyState } from '@ecolink/contracts';
import { type Answer, RouterFixture } from './support/router-fixture.js';

const SINCE = '2026-01-01T00:00:00.000Z';
const deploymentsIn = (...regions: string[]) => regions.map((region) => ({ region, pods_desired: 1, ready_replica_seconds: 0 }));

jest.setTimeout(180_000);

describe('the limits of a key', () => {
  let fixture: RouterFixture;
  let keys = 0;

  beforeAll(async () => {
    fixture = await RouterFixture.start();
    await fixture.addRegion('mv');
    await fixture.addRegion('sf');
    fixture.addInstance(1, ['mv', 'sf'], { deployments: deploymentsIn('mv', 'sf') });
    fixture.addInstance(2, ['mv', 'mv'], { model_name: 'org/other', deployments: deploymentsIn('mv') });
    fixture.addInstance(3, ['mv'], {
      model_name: 'custom',
      openai_compatible: false,
      custom_api_path: 'generate',
      deployments: deploymentsIn('mv'),
    });
    fixture.addInstance(4, ['mv'], { model_name: 'foreign', account_id: 'acc_foreign', deployments: deploymentsIn('mv') });
    fixture.addInstance(5, ['mv'], { model_name: 'gone', state: 'terminated', deployments: deploymentsIn('mv') });
    fixture.addInstance(900, ['mv'], {
      kind: 'platform',
      account_id: null,
      platform_model_id: 'org/platform',
      model_name: 'org/platform',
      deployments: deploymentsIn('mv'),
    });
    fixture.plane.put('platformModels', {
      platform_model_id: 'org/platform',
      instance_id: 900,
      display_name: 'Platform',
      category: 'chat',
      context_length: null,
      status: 'active',
      created_at: SINCE,
    });
    fixture.plane.put('prices', {
      target: 'platform:org/platform',
      prices: { nano_usd_per_request: '1' },
      effective_from: SINCE,
    });
  });
  afterAll(() => fixture.close());

  const keyWith = (allow: KeyAllowed | undefined, overrides: Partial<KeyState> = {}): string => {
    const text = `eco_limited_${(keys += 1)}`;
    fixture.plane.put('keys', {
      key_hash: createHash('sha256').update(text).digest('hex'),
      key_id: `key_${keys}`,
      account_id: 'acc_owner',
      status: 'active',
      scopes: ['inference'],
      source_tag: null,
      expires_at: null,
      ...(allow === undefined ? {} : { allow }),
      ...overrides,
    });
    return text;
  };
  const chat = (key: string, model: string): Promise<Answer> =>
    fixture.call('/v1/chat/completions', { key, body: JSON.stringify({ model, messages: [] }) });
  const codeOf = ({ status, text }: Answer): string =>
    status === 200 ? '200' : (JSON.parse(text) as { error: { code: string } }).error.code;
  const codesOf = async (key: string, models: readonly string[]): Promise<string[]> =>
    Promise.all(models.map(async (model) => codeOf(await chat(key, model))));
  const listed = async (key: string): Promise<string[]> => {
    const { text } = await fixture.call('/v1/models', { key });
    return (JSON.parse(text) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  const [ONE, TWO, PLATFORM] = ['my-llama:1', 'org/other:2', 'org/platform'];
  const DENIED = 'key_not_allowed';

  it.each<[string, KeyAllowed | undefined, string[], string[]]>([
    ['no limits', undefined, ['200', '200', '200'], [PLATFORM, ONE, TWO]],
    ['no lists', {}, ['200', '200', '200'], [PLATFORM, ONE, TWO]],
    ['one instance', { instances: [1] }, ['200', DENIED, DENIED], [ONE]],
    ['a bare model name', { models: ['org/other'] }, [DENIED, '200', DENIED], [TWO]],
    ['a model name with its instance', { models: ['my-llama:1', 'org/other:1'] }, ['200', DENIED, DENIED], [ONE]],
    ['a platform model', { models: ['org/platform'] }, [DENIED, DENIED, '200'], [PLATFORM]],
    ['lists that have nothing in common', { instances: [1], models: ['org/other'] }, [DENIED, DENIED, DENIED], []],
    ['a region', { regions: ['sf'] }, ['200', DENIED, DENIED], [ONE]],
    ['an endpoint', { endpoints: ['/v1/chat/completions'] }, ['200', '200', '200'], [PLATFORM, ONE, TWO]],
    ['another endpoint', { endpoints: ['/v1/embeddings'] }, [DENIED, DENIED, DENIED], [PLATFORM, ONE, TWO]],
    ['an empty list of instances', { instances: [] }, [DENIED, DENIED, DENIED], []],
    ['an empty list of models', { models: [] }, [DENIED, DENIED, DENIED], []],
    ['an empty list of regions', { regions: [] }, [DENIED, DENIED, DENIED], []],
    ['an empty list of endpoints', { endpoints: [] }, [DENIED, DENIED, DENIED], [PLATFORM, ONE, TWO]],
  ])('hold for %s, in calls and in the list of models', async (_what, allow, calls, list) => {
    const key = keyWith(allow);
    expect(await codesOf(key, [ONE, TWO, PLATFORM])).toEqual(calls);
    expect(await listed(key)).toEqual(list);
    const single = await Promise.all([ONE, TWO, PLATFORM].map((id) => fixture.call(`/v1/models/${id}`, { key })));
    expect([ONE, TWO, PLATFORM].filter((_id, index) => single[index]?.status === 200).sort()).toEqual([...list].sort());
  });

  it('are told after the owner and before the name, kind and state: a stranger learns nothing', async () => {
    const key = keyWith({ instances: [] });
    const models = ['nothing:77', 'foreign:4', 'wrong-name:1', 'custom:3', 'gone:5'];
    expect(await codesOf(key, models)).toEqual(['model_not_found', 'instance_not_owned', DENIED, DENIED, DENIED]);
    expect(await codesOf(keyWith(undefined), models)).toEqual([
      'model_not_found',
      'instance_not_owned',
      'model_not_found',
      'wrong_instance_kind',
      'model_not_found',
    ]);
  });

  it('hold for custom instances, whose endpoint has one name', async () => {
    const call = async (allow: KeyAllowed, id = 3) =>
      codeOf(await fixture.call(`/inference-instances/${id}/proxy/generate`, { key: keyWith(allow), body: '{}' }));
    expect(await call({ endpoints: ['/inference-instances/{id}/proxy'] })).toBe('200');
    expect(await call({ instances: [3], regions: ['mv'] })).toBe('200');
    expect(await call({ endpoints: ['/v1/chat/completions'] })).toBe(DENIED);
    expect(await call({ instances: [1] })).toBe(DENIED);
    expect(await call({ instances: [1] }, 4)).toBe('instance_not_owned');
  });

  it('keep calls within the regions, though the others serve', async () => {
    const key = keyWith({ regions: ['sf', 'elsewhere'] });
    const regions = await Promise.all(Array.from({ length: 8 }, async () => (await chat(key, ONE)).headers['x-ecolink-region']));
    expect(new Set(regions)).toEqual(new Set(['sf']));
    const all = await Promise.all(
      Array.from({ length: 8 }, async () => (await chat(keyWith(undefined), ONE)).headers['x-ecolink-region']),
    );
    expect(new Set(all)).toEqual(new Set(['mv', 'sf']));
  });

  it('answer 503, not another region, when no allowed one has a healthy pod', async () => {
    fixture.addInstance(6, ['mv'], { model_name: 'half', deployments: deploymentsIn('mv', 'sf') });
    expect(codeOf(await chat(keyWith({ regions: ['sf'] }), 'half:6'))).toBe('no_healthy_pod');
    expect(codeOf(await chat(keyWith(undefined), 'half:6'))).toBe('200');
  });

  it('let a key be used from its networks only, before its rate, body or model is looked at', async () => {
    expect(await codesOf(keyWith({ networks: ['127.0.0.0/8'] }), [ONE])).toEqual(['200']);
    const key = keyWith({ networks: ['10.0.0.0/8', '2001:db8::/32'] });
    const refused = await fixture.call('/v1/chat/completions', { key, body: 'no json' });
    expect([refused.status, codeOf(refused), refused.headers['x-ratelimit-limit']]).toEqual([403, DENIED, undefined]);
    expect((await fixture.call('/v1/models', { key })).status).toBe(403);
    expect(await codesOf(keyWith({ networks: [] }), [ONE])).toEqual([DENIED]);
    expect(await codesOf(keyWith({ networks: ['nonsense'] }), [ONE])).toEqual([DENIED]);
  });

  it('do not believe an address that a client claims', async () => {
    const key = keyWith({ networks: ['10.0.0.0/8'] });
    const headers = { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' };
    expect((await fixture.call('/v1/models', { key, headers })).status).toBe(403);
  });

  it('come after the scope: a key without it is told so, wherever it is used', async () => {
    const key = keyWith({ networks: [] }, { scopes: ['management'] });
    expect(await codesOf(key, [ONE])).toEqual(['scope_missing']);
  });

  it('change with the next call once they are pushed', async () => {
    const key = keyWith({ instances: [2] });
    expect(await codesOf(key, [ONE])).toEqual([DENIED]);
    keys -= 1;
    expect(keyWith({ instances: [1] })).toBe(key);
    expect(await codesOf(key, [ONE])).toEqual(['200']);
  });
});

describe('two texts of one key, while it is rotated', () => {
  it('serve until the stated instant and not after, on every router', async () => {
    const [first, second] = [await RouterFixture.start(), await RouterFixture.start()];
    try {
      const until = Date.now() + 1_500;
      const text = 'eco_earlier_text';
      const statusOf = async (fixture: RouterFixture) => (await fixture.call('/v1/models', { key: text })).status;
      for (const fixture of [first, second]) {
        fixture.plane.put('keys', {
          key_hash: createHash('sha256').update(text).digest('hex'),
          key_id: 'key_rotated',
          account_id: 'acc_owner',
          status: 'active',
          scopes: ['inference'],
          source_tag: null,
          expires_at: new Date(until).toISOString(),
        });
      }
      const seen: { at: number; status: number }[] = [];
      while (Date.now() < until + 300) {
        for (const fixture of [first, second]) {
          const before = Date.now();
          const status = await statusOf(fixture);
          const after = Date.now();
          // A call that straddles the instant may go either way.
          if (after < until || before >= until) seen.push({ at: before, status });
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(seen.filter(({ at, status }) => status !== (at < until ? 200 : 401))).toEqual([]);
      expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200, 401]));
    } finally {
      await first.close();
      await second.close();
    }
  });
});

import { RouterFixture } from './support/router-fixture.js';

const PAGE = { origin: 'https://app.example.com' };
const QUESTION = { ...PAGE, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };

let open: RouterFixture;
let closed: RouterFixture;

beforeAll(async () => {
  open = await RouterFixture.start();
  closed = await RouterFixture.start({ browserOrigins: ['https://mine.example.com'] });
});

afterAll(() => Promise.all([open.close(), closed.close()]));

describe('pages in browsers', () => {
  it.each(['/v1/chat/completions', '/v1/models', '/inference-instances/1/proxy/x'])(
    'may ask before they call %s',
    async (path) => {
      const answer = await open.call(path, { method: 'OPTIONS', headers: QUESTION, key: 'none' });
      expect(answer.status).toBe(204);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-headers': 'authorization',
        'access-control-allow-methods': expect.stringContaining('POST') as unknown,
      });
    },
  );

  it('may read answers and errors, and the headers that clients go by', async () => {
    const answer = await open.call('/v1/models', { headers: PAGE, key: 'wrong' });
    expect(answer.status).toBe(401);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-expose-headers']).toContain('retry-after');
  });

  it('are of the origins that the operator names, where they are named', async () => {
    const [mine, other] = await Promise.all(
      ['https://mine.example.com', 'https://other.example.com'].map((origin) =>
        closed.call('/v1/models', { headers: { origin } }),
      ),
    );
    expect(mine?.headers['access-control-allow-origin']).toBe('https://mine.example.com');
    expect(mine?.headers.vary).toBe('origin');
    expect(other?.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('get no say in management calls', async () => {
    const answer = await open.call('/api/v1/me', { headers: PAGE });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('other methods', () => {
  it('HEAD is answered as GET, without a body', async () => {
    const [head, get] = [await open.call('/v1/models', { method: 'HEAD' }), await open.call('/v1/models')];
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', String(get.text.length)]);
  });

  it('OPTIONS tells what a path takes', async () => {
    expect((await open.call('/v1/embeddings', { method: 'OPTIONS' })).headers.allow).toBe('POST, OPTIONS');
    expect((await open.call('/v1/models', { method: 'OPTIONS' })).headers.allow).toBe('GET, HEAD, OPTIONS');
  });
});

describe('slips of clients', () => {
  it('are answered with the path that was meant', async () => {
    const answer = await open.call('/chat/completions', { body: '{}' });
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('/v1/chat/completions')]);
  });

  it('a call without a key is told how to send one', async () => {
    const answer = await fetch(`http://127.0.0.1:${open.port}/v1/models`);
    expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('Authorization: Bearer')]);
  });

  it('a forgotten id is named, of the account’s own one instance of that name, and never of another’s', async () => {
    await open.addRegion('mv');
    open.addInstance(142, ['mv']);
    open.addInstance(143, ['mv'], { account_id: 'acc_other', model_name: 'secret-llama' });
    expect((await open.chat('my-llama')).text).toContain('did you mean my-llama:142?');
    expect((await open.chat('secret-llama')).text).not.toContain('143');
    open.addInstance(144, ['mv']);
    expect((await open.chat('my-llama')).text).not.toContain('did you mean');
  });
});

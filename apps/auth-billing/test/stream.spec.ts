import { get, type IncomingMessage } from 'node:http';
import { jest } from '@jest/globals';
import { hashPassword } from '../src/identity/passwords/password-hash.js';
import { Notifications } from '../src/notifications/raise/raise-notifications.service.js';
import { TestService } from './service.js';

interface Frame {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

jest.setTimeout(180_000);

/** A client of the stream; what it has got so far is in `frames`. */
class StreamClient {
  readonly frames: Frame[] = [];
  text = '';
  ended = false;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.text += chunk;
      const parts = this.text.split('\n\n');
      this.text = parts.pop() ?? '';
      for (const part of parts) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
        if (event !== undefined && data !== undefined) this.frames.push({ event, data: JSON.parse(data) as Frame['data'] });
      }
    });
    response.once('close', () => (this.ended = true));
  }

  static open(url: string, headers: Record<string, string>): Promise<StreamClient> {
    return new Promise((resolve, reject) => {
      get(`${url}/api/v1/stream`, { headers, agent: false }, (response) => resolve(new StreamClient(response))).on(
        'error',
        reject,
      );
    });
  }

  async until(predicate: () => boolean, what: string): Promise<void> {
    for (const deadline = Date.now() + 30_000; !predicate();) {
      if (Date.now() > deadline) throw new Error(`${what}: ${JSON.stringify(this.frames)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  named(event: string): Frame[] {
    return this.frames.filter((frame) => frame.event === event);
  }

  close(): void {
    this.response.destroy();
  }
}

describe('the stream of changes', () => {
  let service: TestService;
  const clients: StreamClient[] = [];

  beforeAll(async () => {
    service = await TestService.start();
  }, 120_000);
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => service.close());

  const open = async (headers: Record<string, string>): Promise<StreamClient> => {
    const client = await StreamClient.open(service.service.url, headers);
    clients.push(client);
    return client;
  };
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

  it('says hello, then what changes of this account, and nothing of another', async () => {
    const [account, other] = [await service.account(), await service.account()];
    const { key, id } = await service.key(account);
    const client = await open(bearer(key));
    expect(client.response.statusCode).toBe(200);
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      'cache-control': 'no-cache, no-transform',
    });
    expect(client.response.headers['x-ecolink-request-id']).toMatch(/^req_/);
    await client.until(() => client.named('hello').length === 1, 'hello');
    expect(client.frames[0]?.data).toEqual({ account_id: account, unread_count: 0 });
    await service.credit(other, '7');
    await service.key(other);
    await service.credit(account, '5000');
    const made = await service.key(account, ['inference']);
    await service.service.app
      .get(Notifications)
      .raise([{ accountId: account, kind: 'partial_hold', severity: 'warning', title: 'A title', text: 'A text' }]);
    // Each topic comes at its own pace, and what was published a moment before the stream began may still come.
    const keys = () => client.named('key').filter(({ data }) => data['id'] !== id);
    const isPaid = () => client.named('balance').at(-1)?.data['balance_nano_usd'] === '5000';
    await client.until(() => client.named('notification').length > 0 && keys().length > 0 && isPaid(), 'its changes');
    expect(client.named('notification')[0]?.data).toMatchObject({ kind: 'partial_hold', title: 'A title', read_at: null });
    expect(keys().map(({ data }) => data)).toEqual([{ id: made.id, status: 'active' }]);
    expect(JSON.stringify(client.frames)).not.toContain(other);
    expect(client.text + JSON.stringify(client.frames)).not.toContain(made.key);
  });

  it.each([
    [{}, 401],
    [{ authorization: 'Bearer eco_nobody' }, 401],
  ])('is for those who are signed in: %j', async (headers, status) => {
    const client = await open(headers);
    expect([client.response.statusCode, client.response.headers['content-type']]).toEqual([
      status,
      'application/json; charset=utf-8',
    ]);
  });

  it('ends when its key is revoked', async () => {
    const account = await service.account();
    const [{ key, id }] = [await service.key(account)];
    const client = await open(bearer(key));
    await client.until(() => client.named('hello').length === 1, 'hello');
    await service.admin('DELETE', `/accounts/${account}/api-keys/${id}`);
    await client.until(() => client.ended, 'the end');
    expect(client.named('end').map(({ data }) => data)).toEqual([{ reason: 'invalid_api_key' }]);
  });

  it('ends when its user signs out, and when the user switches to another account', async () => {
    const [account, second] = [await service.account(), await service.account()];
    const user = { id: 'usr_streams', email: 'streams@example.com', passwordHash: await hashPassword('correct horse') };
    await service.database.client.user.create({ data: user });
    for (const accountId of [account, second])
      await service.database.client.membership.create({ data: { accountId, userId: user.id, role: 'member' } });
    const signIn = async (): Promise<string> => {
      const body = { email: user.email, password: 'correct horse' };
      const answer = await service.call('POST', '/api/v1/session', { body });
      return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    };
    const [leaving, switching] = [await signIn(), await signIn()];
    const [left, switched] = [await open({ cookie: leaving }), await open({ cookie: switching })];
    await service.call('DELETE', '/api/v1/session', { headers: { cookie: leaving } });
    const to = { account_id: second };
    expect((await service.call('PUT', '/api/v1/me/active-account', { headers: { cookie: switching }, body: to })).status).toBe(
      200,
    );
    await left.until(() => left.ended, 'the end of the session');
    await switched.until(() => switched.ended, 'the end by the switch');
    expect(left.named('end')[0]?.data).toEqual({ reason: 'session_required' });
    expect(switched.named('end')[0]?.data).toEqual({ reason: 'account_switched' });
  });

  it('is open so many times for one account, and a closed one makes room', async () => {
    const { key } = await service.key(await service.account());
    const open20 = await Promise.all(Array.from({ length: 20 }, () => open(bearer(key))));
    expect(new Set(open20.map(({ response }) => response.statusCode))).toEqual(new Set([200]));
    const refused = await open(bearer(key));
    expect([refused.response.statusCode, refused.response.headers['retry-after']]).toEqual([429, '5']);
    open20[0]?.close();
    for (const deadline = Date.now() + 20_000; ;) {
      const again = await open(bearer(key));
      if (again.response.statusCode === 200) break;
      if (Date.now() > deadline) throw new Error('a closed stream keeps its place');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});

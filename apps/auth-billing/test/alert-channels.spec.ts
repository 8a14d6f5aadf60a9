import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import {
  type AlertChannelView,
  type AlertDeliveryView,
  type CreatedAlertChannel,
  type NotificationRaised,
  type NotificationView,
  parsePodNetworks,
} from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { AlertDeliveries } from '../src/notifications/channels/deliveries.service.js';
import { Notifications } from '../src/notifications/raise/raise-notifications.service.js';
import { TestService } from './service.js';

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string };
}
interface List<Item> {
  readonly data: readonly Item[];
}
interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const CHANNELS = '/api/v1/alert-channels';
const HOUR_MS = 60 * 60 * 1000;

jest.setTimeout(180_000);

describe('alert channels', () => {
  let service: TestService;
  let receiver: Server;
  let smtp: SMTPServer;
  let url: string;
  let offsetMs = 0;
  let status = 204;
  const received: Received[] = [];
  const mails: string[] = [];
  const listen = (server: Server | SMTPServer): Promise<number> =>
    new Promise((resolve) => {
      const http = server instanceof SMTPServer ? server.server : server;
      server.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
    });

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push({ path: request.url ?? '', headers: request.headers, body });
        response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('x'.repeat(100_000));
      });
    });
    smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: ({ address }, _session, done) => done(address.startsWith('refused') ? new Error('no such mailbox') : null),
      onData: (stream, _session, done) => {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => done(void mails.push(text)));
      },
    });
    const [port, smtpPort] = [await listen(receiver), await listen(smtp)];
    url = `http://127.0.0.1:${port}/hook?team=a`;
    service = await TestService.start(() => new Date(Date.now() + offsetMs), undefined, {
      podNetworks: parsePodNetworks(['127.0.0.0/8']),
      ownPorts: new Set([8081]),
      smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
      mailFrom: 'EcoLink <alerts@example.com>',
      publicUrl: 'https://ecolink.example',
    });
  }, 120_000);
  afterAll(async () => {
    await service.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
  });
  beforeEach(() => {
    status = 204;
    offsetMs = 0;
    received.splice(0);
    mails.splice(0);
  });

  const owner = async (): Promise<{ account: string; key: string }> => {
    const account = await service.account();
    return { account, key: (await service.key(account)).key };
  };
  const make = async (key: string, body: object): Promise<CreatedAlertChannel> => {
    const answer = await service.withKey<CreatedAlertChannel>(key, 'POST', CHANNELS, body);
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const raise = (accountId: string): Promise<void> =>
    service.service.app.get(Notifications).raise([
      {
        accountId,
        kind: 'partial_hold',
        severity: 'warning',
        title: 'A hold covers 5.6 hours',
        text: '$72.00 of $307.20 are held.',
        subject: { kind: 'instance', id: '142' },
      },
    ]);
  const deliveries = async (key: string, id: string): Promise<readonly AlertDeliveryView[]> =>
    (await service.withKey<List<AlertDeliveryView>>(key, 'GET', `${CHANNELS}/${id}/deliveries`)).body.data;
  const sendDue = async (): Promise<void> => {
    const jobs = service.service.app.get(AlertDeliveries);
    while ((await jobs.sendDue()) > 0);
  };
  /** The service's own job may have taken it: whoever did, it has been tried so often. */
  const triedTimes = async (key: string, id: string, times: number): Promise<AlertDeliveryView> => {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
      await sendDue();
      const [newest] = await deliveries(key, id);
      if (newest !== undefined && newest.attempts >= times) return newest;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`not tried ${times} times`);
  };

  it('deliver a webhook that the published library verifies, and log it; the secret is shown once', async () => {
    const { account, key } = await owner();
    const channel = await make(key, { kind: 'webhook', url });
    expect(channel).toMatchObject({ kind: 'webhook', url, address: null, notifications: null, status: 'active' });
    await raise(account);
    const delivery = await triedTimes(key, channel.id, 1);
    expect(delivery).toMatchObject({
      status: 'delivered',
      attempts: 1,
      response_status: 204,
      kind: 'partial_hold',
      problem: null,
    });
    const [call] = received;
    const verified = new Webhook(channel.secret ?? '').verify(call?.body ?? '', call?.headers as Record<string, string>);
    expect(verified).toMatchObject({
      type: 'partial_hold',
      data: { account_id: account, subject: { kind: 'instance', id: '142' }, notification_id: delivery.notification_id },
    });
    expect([call?.path, call?.headers['webhook-id']]).toEqual(['/hook?team=a', delivery.id]);
    expect(() => new Webhook(channel.secret ?? '').verify(`${call?.body} `, call?.headers as Record<string, string>)).toThrow();
    const list = await service.withKey<List<AlertChannelView>>(key, 'GET', CHANNELS);
    expect(list.text).not.toContain(channel.secret);
    const stored = await service.database.client.alertChannel.findUniqueOrThrow({ where: { id: channel.id } });
    expect(JSON.stringify(stored)).not.toContain((channel.secret ?? '').replace('whsec_', ''));
  });

  it('send a mail through the SMTP server, with subject, text and sender', async () => {
    const { account, key } = await owner();
    const channel = await make(key, { kind: 'email', address: 'Ops@Example.com', notifications: ['partial_hold'] });
    expect(channel).toMatchObject({ kind: 'email', address: 'ops@example.com', url: null });
    expect(channel).not.toHaveProperty('secret');
    await raise(account);
    expect(await triedTimes(key, channel.id, 1)).toMatchObject({ status: 'delivered', response_status: null });
    expect(mails[0]).toContain('To: ops@example.com');
    expect(mails[0]).toContain('From: EcoLink <alerts@example.com>');
    expect(mails[0]).toContain('Subject: EcoLink warning: A hold covers 5.6 hours');
    expect(mails[0]).toContain('$72.00 of $307.20 are held.');
  });

  it('say what the SMTP server refused', async () => {
    const { key } = await owner();
    const channel = await make(key, { kind: 'email', address: 'refused@example.com' });
    const tested = await service.withKey<AlertDeliveryView>(key, 'POST', `${CHANNELS}/${channel.id}/test`);
    expect(tested.body).toMatchObject({ status: 'failed', attempts: 1, kind: 'test', next_attempt_at: null });
    expect(tested.body.problem).toContain('no such mailbox');
  });

  it('are told the kinds they want, and only those of their account', async () => {
    const [{ account, key }, other] = [await owner(), await owner()];
    const wanting = await make(key, { kind: 'webhook', url, notifications: ['partial_hold', 'key_expiring'] });
    const deaf = await make(key, { kind: 'webhook', url, notifications: ['invite_accepted'] });
    const foreign = await make(other.key, { kind: 'webhook', url });
    await raise(account);
    await triedTimes(key, wanting.id, 1);
    expect([(await deliveries(key, deaf.id)).length, (await deliveries(other.key, foreign.id)).length]).toEqual([0, 0]);
  });

  it('are tested by one signed message, which is never repeated and limited by the hour', async () => {
    const { key } = await owner();
    const channel = await make(key, { kind: 'webhook', url });
    status = 500;
    const failed = await service.withKey<AlertDeliveryView>(key, 'POST', `${CHANNELS}/${channel.id}/test`);
    expect(failed.body).toMatchObject({ status: 'failed', response_status: 500, problem: 'the receiver answered 500' });
    status = 302;
    const redirected = await service.withKey<AlertDeliveryView>(key, 'POST', `${CHANNELS}/${channel.id}/test`);
    expect(redirected.body).toMatchObject({ status: 'failed', problem: 'the receiver redirects, which is not followed' });
    status = 200;
    const answers = [];
    for (let count = 0; count < 9; count += 1) answers.push(await service.withKey(key, 'POST', `${CHANNELS}/${channel.id}/test`));
    expect(answers.map((answer) => answer.status)).toEqual([...Array<number>(8).fill(200), 429]);
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('360');
    expect(received.map(({ path }) => path)).toEqual(Array(10).fill('/hook?team=a'));
    const channelNow = await service.withKey<List<AlertChannelView>>(key, 'GET', CHANNELS);
    expect(channelNow.body.data[0]?.status).toBe('active');
  });

  it('repeat a failed delivery with growing waits for a day, then are disabled, and the account is told', async () => {
    const { account, key } = await owner();
    const channel = await make(key, { kind: 'webhook', url });
    status = 503;
    await raise(account);
    let delivery = await triedTimes(key, channel.id, 1);
    const started = Date.parse(delivery.created_at);
    const waits: number[] = [];
    while (delivery.status === 'pending') {
      waits.push(Date.parse(delivery.next_attempt_at ?? '') - Date.parse(delivery.last_attempt_at ?? ''));
      offsetMs = Date.parse(delivery.next_attempt_at ?? '') - Date.now() + 1;
      delivery = await triedTimes(key, channel.id, delivery.attempts + 1);
    }
    expect(delivery).toMatchObject({ status: 'failed', attempts: 11, response_status: 503 });
    expect(waits).toEqual([...waits].sort((left, right) => left - right));
    const tookMs = Date.parse(delivery.last_attempt_at ?? '') - started;
    expect(tookMs).toBeGreaterThan(23 * HOUR_MS);
    expect(tookMs).toBeLessThan(25 * HOUR_MS);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const [shown] = (await service.withKey<List<AlertChannelView>>(key, 'GET', CHANNELS)).body.data;
    expect(shown).toMatchObject({ status: 'disabled', status_reason: 'the receiver answered 503' });
    const bell = await service.withKey<List<NotificationView>>(key, 'GET', '/api/v1/notifications?kind=channel_disabled');
    expect(bell.body.data.map(({ subject }) => subject)).toEqual([{ kind: 'alert_channel', id: channel.id }]);

    status = 204;
    await raise(account);
    await sendDue();
    expect(await deliveries(key, channel.id)).toHaveLength(1);
    await service.withKey(key, 'PATCH', `${CHANNELS}/${channel.id}`, { status: 'active' });
    await raise(account);
    expect(await triedTimes(key, channel.id, 1)).toMatchObject({ status: 'delivered' });
  });

  it('stay active through a failing message while others reach them', async () => {
    const { account, key } = await owner();
    const channel = await make(key, { kind: 'webhook', url });
    status = 500;
    await raise(account);
    const first = await triedTimes(key, channel.id, 1);
    status = 204;
    await raise(account);
    await triedTimes(key, channel.id, 1);
    status = 500;
    await service.database.client.alertDelivery.update({
      where: { id: first.id },
      data: { attempts: 10, nextAttemptAt: new Date() },
    });
    const statuses = async () => (await deliveries(key, channel.id)).map((delivery) => delivery.status);
    // The service's own job may have taken it.
    const isTried = async (): Promise<boolean> => {
      await sendDue();
      return !(await statuses()).includes('pending');
    };
    await waitFor(isTried, { timeoutMs: 30_000, intervalMs: 100, what: 'the last try' });
    expect(await statuses()).toEqual(['delivered', 'failed']);
    expect((await service.withKey<List<AlertChannelView>>(key, 'GET', CHANNELS)).body.data[0]?.status).toBe('active');
  });

  it('are disabled at once by a receiver that answers 410', async () => {
    const { account, key } = await owner();
    const channel = await make(key, { kind: 'webhook', url });
    status = 410;
    await raise(account);
    expect(await triedTimes(key, channel.id, 1)).toMatchObject({ status: 'failed', response_status: 410 });
    expect((await service.withKey<List<AlertChannelView>>(key, 'GET', CHANNELS)).body.data[0]?.status).toBe('disabled');
  });

  it.each([
    'ftp://127.0.0.1/x',
    'not a url',
    'http://user:secret@127.0.0.1/x',
    'http://127.0.0.1/x#part',
    'http://169.254.169.254/latest',
    'http://10.0.0.1/x',
    'http://[::1]/x',
    'http://[::ffff:169.254.169.254]/x',
    'http://0x7f.1:8081/x',
    'http://127.1:8081/x',
    'http://localhost:8081/x',
    'http://no-such-host.invalid/x',
  ])('refuse the webhook %s by the rules of pods', async (bad) => {
    const { key } = await owner();
    const made = await service.withKey<ErrorAnswer>(key, 'POST', CHANNELS, { kind: 'webhook', url: bad });
    expect([made.status, made.body.error.code, made.body.error.param]).toEqual([400, 'url_not_allowed', 'url']);
    const channel = await make(key, { kind: 'webhook', url });
    const changed = await service.withKey<ErrorAnswer>(key, 'PATCH', `${CHANNELS}/${channel.id}`, { url: bad });
    expect(changed.body.error.code).toBe('url_not_allowed');
    expect((await service.withKey<List<AlertChannelView>>(key, 'GET', CHANNELS)).body.data.map((each) => each.url)).toEqual([
      url,
    ]);
  });

  it.each(['http://10.0.0.1:1/x', 'http://localhost:8081/x', 'http://169.254.169.254/x'])(
    'judge the address again at each delivery: %s that was stored is not connected to',
    async (stored) => {
      const { key } = await owner();
      const channel = await make(key, { kind: 'webhook', url });
      await service.database.client.alertChannel.update({ where: { id: channel.id }, data: { url: stored } });
      const tested = await service.withKey<AlertDeliveryView>(key, 'POST', `${CHANNELS}/${channel.id}/test`);
      expect(tested.body).toMatchObject({ status: 'failed', response_status: null });
      expect(tested.body.problem).toMatch(/ECOLINK_POD_NETWORKS|no address that a webhook may have/);
    },
  );

  it.each([
    [{}, 'kind'],
    [{ kind: 'pager' }, 'kind'],
    [{ kind: 'email' }, 'address'],
    [{ kind: 'email', address: 'nobody' }, 'address'],
    [{ kind: 'email', address: 'a@example.com', url: 'http://127.0.0.1' }, 'url'],
    [{ kind: 'webhook' }, 'url'],
    [{ kind: 'webhook', url: 5 }, 'url'],
    [{ kind: 'webhook', url: `http://127.0.0.1/${'x'.repeat(3_000)}` }, 'url'],
    [{ kind: 'email', address: 'a@example.com', notifications: ['nonsense'] }, 'notifications[0]'],
    [{ kind: 'email', address: 'a@example.com', notifications: [] }, 'notifications'],
    [{ kind: 'email', address: 'a@example.com', secret: 'whsec_x' }, 'secret'],
  ])('refuse %j by the name of the field', async (body, param) => {
    const { key } = await owner();
    const answer = await service.withKey<ErrorAnswer>(key, 'POST', CHANNELS, body);
    expect([answer.status, answer.body.error.code, answer.body.error.param]).toEqual([400, 'invalid_request', param]);
  });

  it('are 404 for another account, in every call, and nothing changes', async () => {
    const [mine, theirs] = [await owner(), await owner()];
    const channel = await make(theirs.key, { kind: 'webhook', url });
    const path = `${CHANNELS}/${channel.id}`;
    const answers = [
      await service.withKey<ErrorAnswer>(mine.key, 'PATCH', path, { status: 'disabled' }),
      await service.withKey<ErrorAnswer>(mine.key, 'DELETE', path),
      await service.withKey<ErrorAnswer>(mine.key, 'POST', `${path}/test`),
      await service.withKey<ErrorAnswer>(mine.key, 'GET', `${path}/deliveries`),
    ];
    expect(answers.map(({ status: code, body }) => [code, body.error.code])).toEqual(Array(4).fill([404, 'not_found']));
    expect((await service.withKey<List<AlertChannelView>>(theirs.key, 'GET', CHANNELS)).body.data[0]?.status).toBe('active');
    expect(received).toEqual([]);
    expect((await service.withKey(theirs.key, 'DELETE', path)).status).toBe(204);
  });

  it('are as many as the plan allows, also when creations race', async () => {
    await service.admin('PUT', '/plans/few', { requests_per_minute: 5, max_channels: 2 });
    const { account, key } = await owner();
    await service.admin('PATCH', `/accounts/${account}`, { plan: 'few' });
    const body = { kind: 'email', address: 'a@example.com' };
    const answers = await Promise.all(Array.from({ length: 4 }, () => service.withKey<ErrorAnswer>(key, 'POST', CHANNELS, body)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 201, 409, 409]);
    expect(answers.find((answer) => answer.status === 409)?.body.error.code).toBe('quota_reached');
  });

  it('carry what was raised, as the event says it', async () => {
    const { account, key } = await owner();
    await make(key, { kind: 'webhook', url });
    await raise(account);
    const [event] = await service.database.client.busEvent.findMany({
      where: { topic: 'ecolink.notification.raised.v1', key: account },
    });
    const [delivery] = await service.database.client.alertDelivery.findMany({ where: { channel: { accountId: account } } });
    expect(delivery?.message).toEqual(event?.data as unknown as NotificationRaised);
  });
});

import type { AddressInfo } from 'node:net';
import { waitFor } from '@ecolink/testing';
import { SMTPServer } from 'smtp-server';
import { TestService } from '../service.js';
import { Browser, newOwner } from './people.js';

const TIMEOUT_MS = 180_000;
const HOUR_MS = 60 * 60 * 1000;

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

describe('a new password by mail', () => {
  let service: TestService;
  let smtp: SMTPServer;
  let offsetMs = 0;
  const mails: Mail[] = [];

  beforeAll(async () => {
    smtp = new SMTPServer({
      authMethods: ['PLAIN'],
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        done(username === 'ecolink' && password === 'p@ss' ? null : new Error('no such user'), { user: username }),
      onData: (stream, { envelope }, done) => {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => {
          const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
          mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), text });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    const { port } = smtp.server.address() as AddressInfo;
    service = await TestService.start(() => new Date(Date.now() + offsetMs), undefined, {
      signupMode: 'open',
      publicUrl: 'https://ecolink.example',
      smtpUrl: `smtp://ecolink:${encodeURIComponent('p@ss')}@127.0.0.1:${port}`,
      mailFrom: 'EcoLink <no-reply@ecolink.example>',
    });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await service.close();
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
  });

  const ask = (browser: Browser, email: string) => browser.call('POST', '/api/v1/password-reset/request', { email });
  const mailed = (count: number): Promise<Mail> =>
    waitFor(() => Promise.resolve(mails.length >= count ? mails.at(-1) : undefined), {
      timeoutMs: 60_000,
      what: `${count} mails`,
    });
  const tokenIn = ({ text }: Mail): string => {
    const readable = text.replaceAll('=\r\n', '');
    const found = /https:\/\/ecolink\.example\/console\/reset-password\/([A-Za-z0-9_-]{40,})/.exec(readable);
    if (found?.[1] === undefined) throw new Error(`no link in: ${text}`);
    return found[1];
  };

  it(
    'reaches the address itself, works once and for an hour, ends every session and proves the address',
    async () => {
      const { browser, userId } = await newOwner(service, 'forgetful@example.com');
      const elsewhere = new Browser(service, '2001:db8:99::1');
      const answers = await Promise.all([ask(elsewhere, 'forgetful@example.com'), ask(elsewhere, 'nobody@example.com')]);
      expect(answers.map(({ status, text }) => [status, text])).toEqual([
        [202, ''],
        [202, ''],
      ]);
      const mail = await mailed(1);
      expect(mail).toMatchObject({ from: 'no-reply@ecolink.example', to: ['forgetful@example.com'] });
      expect(mail.text).toContain('Subject: Your new EcoLink password');
      const token = tokenIn(mail);
      const use = (password: string) => elsewhere.call('POST', '/api/v1/password-reset', { token, password });
      const both = await Promise.all([use('a password that is new'), use('another one at once')]);
      expect(both.map(({ status }) => status).sort()).toEqual([204, 410]);
      expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
      const password = both[0]?.status === 204 ? 'a password that is new' : 'another one at once';
      expect((await elsewhere.signIn('forgetful@example.com', password)).status).toBe(201);
      expect((await use('a third one, too late')).body.error.code).toBe('reset_expired');
      const user = await service.database.client.user.findUniqueOrThrow({ where: { id: userId } });
      expect(user.emailVerifiedAt).not.toBeNull();
      const kept = await service.database.client.passwordReset.findMany({ where: { userId } });
      expect(kept).toEqual([]);

      await ask(elsewhere, 'forgetful@example.com');
      const late = tokenIn(await mailed(2));
      offsetMs = HOUR_MS + 60_000;
      const expired = await elsewhere.call('POST', '/api/v1/password-reset', { token: late, password: 'far too late now' });
      expect([expired.status, expired.body.error.code]).toEqual([410, 'reset_expired']);
      expect(mails).toHaveLength(2);
    },
    TIMEOUT_MS,
  );
});

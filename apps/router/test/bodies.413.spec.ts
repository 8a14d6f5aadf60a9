import { RouterFixture } from './support/router-fixture.js';
import { exchangeRaw } from './support/raw-socket.js';

const BYTES_MAX = 1_000;

let fixture: RouterFixture;

beforeAll(async () => {
  fixture = await RouterFixture.start({ bodyBytesMax: BYTES_MAX });
  await fixture.addRegion('mv');
});

afterAll(() => fixture.close());

describe('a body over the limit', () => {
  it.each([
    ['that says its length', (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`],
    [
      'that comes in chunks together with its head',
      (body: string) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ],
  ])('is refused, also one %s', async (_how, framed) => {
    const model = fixture.addInstance(1, ['mv']);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${fixture.key}\r\n`;
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'x'.repeat(BYTES_MAX) }] });
    expect((await exchangeRaw(fixture.port, head + framed(body))).statuses).toEqual([413]);
  });
});

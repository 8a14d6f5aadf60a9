import { RawSocket } from '../support/raw-socket.js';
import { RouterFixture } from '../support/router-fixture.js';

/** The limit is 30 s, and looked at every 30 s. */
const CUT_WITHIN_MS = 65_000;
const TIMEOUT_MS = 90_000;

let fixture: RouterFixture;

beforeAll(async () => {
  fixture = await RouterFixture.start();
});

afterAll(() => fixture.close());

describe('a head that comes too slowly', () => {
  it(
    'is cut, though there is always another byte',
    async () => {
      const raw = await RawSocket.open(fixture.port);
      raw.write('POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      const drip = setInterval(() => raw.write('y'), 500);
      await raw.untilClosed(CUT_WITHIN_MS).finally(() => clearInterval(drip));
      expect(raw.statuses).toEqual([408]);
    },
    TIMEOUT_MS,
  );
});

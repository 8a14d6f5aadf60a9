import fc from 'fast-check';
import { exchangeRaw, RawSocket } from './support/raw-socket.js';
import { RouterFixture, type StubGateway } from './support/router-fixture.js';

const OWN_INSTANCE = 1;
const FOREIGN_INSTANCE = 2;
const CUSTOM_INSTANCE = 3;
const CRLF = '\r\n';
const RUNS = 300;

let fixture: RouterFixture;
let gateway: StubGateway;
let model: string;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  gateway = await fixture.addRegion('mv');
  fixture.plane.addCaller('acc_stranger');
  model = fixture.addInstance(OWN_INSTANCE, ['mv']);
  fixture.addInstance(FOREIGN_INSTANCE, ['mv'], { account_id: 'acc_stranger', openai_compatible: false, custom_api_path: '' });
  fixture.addInstance(CUSTOM_INSTANCE, ['mv'], { openai_compatible: false, custom_api_path: 'generate' });
});

beforeEach(() => {
  gateway.seen.length = 0;
});

afterAll(() => fixture.close());

/** What a server behind may make of a path: percent-encoding undone as often as it takes, either slash a separator. */
function segmentsOf(path: string): string[] {
  let text = path;
  for (let round = 0; round < 3; round += 1)
    text = text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return text.split(/[/\\]/).map((segment) => segment.split(';')[0] ?? '');
}

const request = (target: string, method = 'GET'): string =>
  [`${method} ${target} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${fixture.key}`, '', ''].join(CRLF);

describe('made-up requests', () => {
  it('never leave a custom instance’s own path, nor reach another instance, and what reaches the pod is what was written', async () => {
    const pieces = [
      'generate',
      '.',
      '..',
      '/',
      '//',
      '%2e',
      '%2E',
      '%2f',
      '%5c',
      '\\',
      ';',
      'a',
      '%00',
      '%zz',
      '?',
      '2',
      'proxy',
      '@',
      ':',
    ];
    const path = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''));
    const inside = path.map((rest) => `generate/${rest}`);
    await fc.assert(
      fc.asyncProperty(fc.oneof(path, inside), async (target) => {
        gateway.seen.length = 0;
        const raw = await exchangeRaw(fixture.port, request(`/inference-instances/${CUSTOM_INSTANCE}/proxy/${target}`));
        expect([200, 400, 404]).toContain(raw.statuses[0]);
        for (const seen of gateway.seen) {
          expect(seen.instanceId).toBe(CUSTOM_INSTANCE);
          expect(seen.path).toBe(`/${target}`);
          const below = target.split('?')[0] ?? '';
          expect(below === 'generate' || below.startsWith('generate/')).toBe(true);
          expect(segmentsOf(below).filter((segment) => segment === '..' || segment === '.')).toEqual([]);
        }
        expect(gateway.seen.length > 0).toBe(raw.statuses[0] === 200);
      }),
      { numRuns: RUNS },
    );
  });

  it('never reach an instance by an id that is not written as ids are', async () => {
    const id = fc.array(fc.constantFrom('0', '1', '2', '3', '-', '+', '.', 'e', '%32', '%', '_', ' '.trim(), ',', ';', '٢'), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(
        id.map((parts) => Buffer.from(parts.join('')).toString('latin1')),
        async (text) => {
          gateway.seen.length = 0;
          const answer = await exchangeRaw(fixture.port, request(`/inference-instances/${text}/proxy/generate`));
          const reached = gateway.seen.map(({ instanceId }) => instanceId);
          expect(reached).toEqual(text === String(CUSTOM_INSTANCE) ? [CUSTOM_INSTANCE] : []);
          expect(answer.statuses[0]).toBeGreaterThanOrEqual(200);
          expect((await fixture.chat(`my-llama:${text}`)).status === 200).toBe(text === String(OWN_INSTANCE));
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('of damaged bytes are answered, refused or closed, and whoever comes next is served', async () => {
    const whole = Buffer.from(
      [
        `POST /v1/chat/completions HTTP/1.1`,
        'Host: x',
        `Authorization: Bearer ${fixture.key}`,
        'Content-Length: 39',
        '',
        '',
      ].join(CRLF) + JSON.stringify({ model, messages: [] }).padEnd(39),
    );
    const damage = fc.record({
      at: fc.nat(whole.length - 1),
      remove: fc.nat(6),
      insert: fc.uint8Array({ maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, remove, insert }) => {
        gateway.seen.length = 0;
        const raw = await RawSocket.open(fixture.port);
        raw.write(Buffer.concat([whole.subarray(0, at), insert, whole.subarray(at + remove)]));
        // The end of the client's bytes: nobody waits for what will never come.
        raw.socket.end();
        await raw.untilClosed();
        raw.destroy();
        for (const status of raw.statuses) expect(status).toBeLessThan(500);
        for (const seen of gateway.seen) expect([OWN_INSTANCE, CUSTOM_INSTANCE]).toContain(seen.instanceId);
      }),
      { numRuns: RUNS },
    );
    expect((await fixture.chat(model)).status).toBe(200);
  });
});

import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { type DataPlaneFixture, startDataPlane } from './support/data-plane-fixture.js';

const CALLS = 200;
/** Ordinarily a few milliseconds; other tests on the same machine may cost the slowest of many calls some more. */
const USUALLY_REACHES_POD_MS_MAX = 100;
const REACHES_POD_MS_MAX = 1_000;

let fixture: DataPlaneFixture;
let onRequest: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end();

beforeAll(async () => {
  fixture = await startDataPlane((request, response) => onRequest(request, response));
}, 30_000);

afterAll(() => fixture.close());

/** Begins a call, leaves in its middle, and gives the milliseconds until the pod knew. */
function leave(stream: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    let leftAtMs = 0;
    const body = JSON.stringify({ model: fixture.model, stream, messages: [] });
    const request = httpRequest({
      host: '127.0.0.1',
      port: fixture.port,
      path: '/v1/chat/completions',
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${fixture.key}`, 'content-length': body.length },
    });
    const goAway = (): void => {
      leftAtMs = performance.now();
      request.destroy();
    };
    onRequest = (_podRequest, response) => {
      response.on('close', () => resolve(performance.now() - leftAtMs));
      if (!stream) return goAway();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
    };
    request.on('response', (response) => {
      response.on('error', () => undefined);
      response.once('data', goAway);
    });
    request.on('error', (error: NodeJS.ErrnoException) => (leftAtMs === 0 ? reject(error) : undefined));
    request.end(body);
  });
}

describe('a client that leaves', () => {
  it.each([
    ['before its answer', false],
    ['in the middle of its stream', true],
  ])(
    'lets its pod go at once, %s',
    async (_when, stream) => {
      const took: number[] = [];
      for (let call = 0; call < CALLS; call += 1) took.push(await leave(stream));
      took.sort((left, right) => left - right);
      expect(took[CALLS / 2]).toBeLessThan(USUALLY_REACHES_POD_MS_MAX);
      expect(took[Math.ceil(CALLS * 0.99) - 1]).toBeLessThan(REACHES_POD_MS_MAX);
    },
    60_000,
  );
});

import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { type DataPlaneFixture, startDataPlane } from './data-plane-fixture.js';

type Header = [name: string, value: string];

export interface ProxiedCase {
  readonly method: string;
  readonly path: string;
  readonly headers: Header[];
  readonly body: Buffer | undefined;
  readonly chunked: boolean;
  readonly answer: {
    readonly status: number;
    readonly reason: string;
    readonly headers: Header[];
    readonly body: Buffer;
    readonly chunked: boolean;
  };
}

/** Letters of any header value, with everything that Latin-1 has beyond ASCII. */
const valueLetter = fc.oneof(
  fc.constantFrom(...'abcXYZ019 !#$%&\'*+-.^_`|~,;:"<>()[]{}/\\='.split('')),
  fc.constantFrom('\u00e4', '\u00ff', '\u00a0', '\t'),
);
const headerValue = fc.array(valueLetter, { maxLength: 20 }).map((letters) => letters.join('').trim());
const headerName = fc.constantFrom(
  'X-A',
  'x-a',
  'X-b',
  'Accept',
  'User-Agent',
  'Origin',
  'Referer',
  'Range',
  'If-None-Match',
  'Accept-Encoding',
  'X-Forwarded-For',
  'Forwarded',
  'Via',
  'traceparent',
  'X-API-Key',
  'Accept-Language',
  'Cache-Control',
  '__proto__',
  'constructor',
  "x!#$%&'*+.^_`|~",
);
const answerName = fc.constantFrom(
  'X-A',
  'x-a',
  'X-b',
  'Link',
  'ETag',
  'Vary',
  'WWW-Authenticate',
  'Content-Language',
  'Cache-Control',
  'Retry-After',
  'Location',
  'Server-Timing',
  'Server',
  '__proto__',
  'Warning',
);
const pathPart = fc.oneof(
  fc.constantFrom(
    'a',
    'B',
    '%2F',
    '%2f',
    '%00',
    '%',
    '%zz',
    '%E4',
    '...',
    '..a',
    '~',
    ';x=1',
    '@',
    ':',
    '!',
    '$&',
    "'()*",
    '+',
    ',',
    '=',
    '',
    '|',
    '^',
    '"',
    '<',
    '{}',
    '[]',
    '`',
  ),
  fc.string({ unit: fc.constantFrom(...'abcdefXYZ0123456789-_'.split('')), maxLength: 8 }),
);
const queryPart = fc.constantFrom(
  '',
  '?',
  '?a',
  '?a=1&a=2',
  '?q=%20+%C3%A9',
  '?a[]=1',
  '?x=/../',
  '??',
  '?a=b?c',
  '?%',
  '?a="<>"',
  '?{}|^`',
);
const bytes = fc
  .oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 60_000, maxLength: 70_000 }))
  .map((array) => Buffer.from(array));

export const proxiedCase: fc.Arbitrary<ProxiedCase> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT', 'QUERY'),
  path: fc.tuple(fc.array(pathPart, { maxLength: 5 }), queryPart).map(([parts, query]) => `/${parts.join('/')}${query}`),
  headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 8 }),
  body: fc.option(bytes, { nil: undefined }),
  chunked: fc.boolean(),
  answer: fc.record({
    status: fc.constantFrom(
      200,
      201,
      202,
      203,
      204,
      206,
      226,
      299,
      300,
      301,
      302,
      304,
      307,
      400,
      401,
      402,
      403,
      404,
      409,
      418,
      429,
      451,
      500,
      501,
      502,
      503,
      504,
      599,
    ),
    reason: fc.constantFrom('OK', 'Fine', "I'm a teapot", 'x'),
    headers: fc.array(fc.tuple(answerName, headerValue), { maxLength: 8 }),
    body: bytes,
    chunked: fc.boolean(),
  }),
});

const CASE_HEADER = 'x-is-a-case';

interface SeenByPod {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly headers: Header[];
  /** Framing is not compared on this side: an empty body may as well be none. */
  readonly body: string;
}

export class ProxyComparison {
  private current: ProxiedCase | undefined;
  private seen: SeenByPod | undefined;
  private fixture: DataPlaneFixture | undefined;

  async start(): Promise<void> {
    this.fixture = await startDataPlane((request, response) => void this.answer(request, response));
  }

  async close(): Promise<void> {
    await this.fixture?.close();
  }

  /** What the pod saw and the client got, sent directly and by way of router and gateway. */
  async both(one: ProxiedCase) {
    const { podPort, port, key, proxyPrefix } = this.fixture ?? { podPort: 0, port: 0, key: '', proxyPrefix: '' };
    this.current = one;
    const direct = await this.run(podPort, one.path, one, []);
    const proxied = await this.run(port, proxyPrefix + one.path, one, [
      ['Authorization', `Bearer ${key}`],
      ['Cookie', 'session=1'],
      ['X-EcoLink-Sent', 'forged'],
    ]);
    return { direct, proxied };
  }

  private async run(port: number, target: string, one: ProxiedCase, added: Header[]) {
    this.seen = undefined;
    const framing: Header[] =
      one.body === undefined
        ? []
        : one.chunked
          ? [['Transfer-Encoding', 'chunked']]
          : [['Content-Length', String(one.body.length)]];
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = [
        ['Host', 'client.example'] as Header,
        [CASE_HEADER, 'yes'] as Header,
        ...one.headers,
        ...added,
        ...framing,
      ].flat();
      const request = httpRequest({
        host: '127.0.0.1',
        port,
        path: target,
        method: one.method,
        headers,
        agent: false,
      });
      request.on('response', resolve).on('error', reject);
      request.end(one.body);
    });
    const body = (await buffer(response)).toString('latin1');
    const got = {
      status: response.statusCode,
      reason: response.statusMessage,
      headers: relevant(pairs(response.rawHeaders)),
      framing: framingOf(response.headers),
      body,
    };
    return { seen: this.seen, got };
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { current } = this;
    // The gateway's probes ask all the time.
    if (current === undefined || request.headers[CASE_HEADER] === undefined) return void response.end();
    const body = (await buffer(request)).toString('latin1');
    this.seen = {
      method: request.method,
      target: request.url,
      headers: relevant(pairs(request.rawHeaders)).filter(([name]) => name !== 'traceparent' || sendsTrace(current)),
      body,
    };
    const { answer } = current;
    const hasBody = ![204, 304].includes(answer.status);
    const framing: Header[] = hasBody && !answer.chunked ? [['Content-Length', String(answer.body.length)]] : [];
    response.writeHead(answer.status, answer.reason, [...answer.headers, ...framing].flat());
    response.end(hasBody ? answer.body : undefined);
  }
}

function pairs(raw: readonly string[]): Header[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? '']);
}

/** Framing is compared by its meaning; the rest of these is a connection's own, or documented not to pass. */
const NOT_COMPARED = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'authorization',
  'cookie',
  'date',
]);
const ADDED_BY_ROUTER = /^(x-ecolink-|x-ratelimit-|x-request-id$|access-control-)/i;
const OWN_TIMING = /^router;dur=/;

/** A client without a trace gets one from the router; its own passes. */
function sendsTrace({ headers }: ProxiedCase): boolean {
  return headers.some(([name]) => name === 'traceparent');
}

function relevant(headers: Header[]): Header[] {
  return headers.filter(
    ([name, value]) =>
      !NOT_COMPARED.has(name.toLowerCase()) &&
      !ADDED_BY_ROUTER.test(name) &&
      !(name === 'server-timing' && OWN_TIMING.test(value)),
  );
}

function framingOf(headers: IncomingMessage['headers']): string {
  return headers['transfer-encoding'] === undefined ? `length ${headers['content-length'] ?? 'none'}` : 'chunked';
}

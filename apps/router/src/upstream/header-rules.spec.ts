import { inferenceRequestHeaders, modelResponseHeaders, podResponseHeaders, proxyRequestHeaders } from './header-rules.js';

const CLIENT = [
  ['Host', 'api.example'],
  ['Authorization', 'Bearer eco_secret'],
  ['Cookie', 'a=1'],
  ['Connection', 'keep-alive, X-Bound'],
  ['X-Bound', '1'],
  ['TE', 'trailers'],
  ['Transfer-Encoding', 'chunked'],
  ['X-EcoLink-Internal-Secret', 'guess'],
  ['Accept-Encoding', 'gzip'],
  ['traceparent', '00-1'],
  ['X-Custom', 'a'],
  ['X-Custom', 'b'],
  ['Expect', '100-continue'],
  ['X-Forwarded-For', '1.2.3.4'],
];

describe('request headers', () => {
  it('never lets the key, cookies, internal names or connection headers reach a pod', () => {
    expect(proxyRequestHeaders(CLIENT.flat())).toEqual(
      [
        ['Accept-Encoding', 'gzip'],
        ['traceparent', '00-1'],
        ['X-Custom', 'a'],
        ['X-Custom', 'b'],
        ['X-Forwarded-For', '1.2.3.4'],
      ].flat(),
    );
  });

  it('keeps what an SDK tells of its machine from the pods of inference, and verbatim on the custom path', () => {
    const sdk = ['User-Agent', 'OpenAI/JS 7', 'X-Stainless-OS', 'Linux', 'x-stainless-retry-count', '0'];
    expect(inferenceRequestHeaders(sdk)).toEqual(['User-Agent', 'OpenAI/JS 7']);
    expect(proxyRequestHeaders(sdk)).toEqual(sdk);
  });

  it('leaves lengths, encodings and forwarding traces of an inference call to the router', () => {
    expect(inferenceRequestHeaders(CLIENT.flat())).toEqual(
      [
        ['traceparent', '00-1'],
        ['X-Custom', 'a'],
        ['X-Custom', 'b'],
      ].flat(),
    );
  });
});

describe('podResponseHeaders', () => {
  it.each([
    'X-Accel-Redirect',
    'X-Accel-Limit-Rate',
    'X-Accel-Charset',
    'X-Accel-Expires',
    'X-Accel-Buffering',
    'Strict-Transport-Security',
    'Alt-Svc',
    'NEL',
    'Report-To',
    'Clear-Site-Data',
    'Service-Worker-Allowed',
    'X-Request-Id',
  ])('lets no pod say %s for our origin or to a proxy in front, on either path', (name) => {
    expect(podResponseHeaders([name, 'x', 'kept', '1'])).toEqual(['kept', '1']);
    expect(modelResponseHeaders([name, 'x', 'kept', '1'])).toEqual(['kept', '1']);
  });

  it('drops what a pod must not say to a client and keeps the rest, repeated headers included', () => {
    const pod = [
      ['Content-Type', 'text/plain'],
      ['Set-Cookie', 'x=1'],
      ['X-EcoLink-Region', 'fake'],
      ['X-RateLimit-Limit', '9'],
      ['Access-Control-Allow-Origin', '*'],
      ['Clear-Site-Data', '"*"'],
      ['Connection', 'close'],
      ['Link', 'a'],
      ['Link', 'b'],
    ];
    expect(podResponseHeaders(pod.flat())).toEqual(
      [
        ['Content-Type', 'text/plain'],
        ['Link', 'a'],
        ['Link', 'b'],
      ].flat(),
    );
  });
});

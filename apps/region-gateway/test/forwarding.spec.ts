import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { beginCall, closeAll, startDataPlane, startPod } from './support/data-plane-fixture.js';

afterEach(closeAll);

/** A pod that tells what it got. */
async function echoPod() {
  return startPod(async (request, response) => {
    const body = await text(request);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method: request.method, url: request.url, rawHeaders: request.rawHeaders, body }));
  });
}

describe('a forwarded call', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'PURGE'])(
    'keeps method, body and status of %s',
    async (method) => {
      const gateway = await startDataPlane();
      gateway.setPods(5, [(await echoPod()).url]);
      const answer = await gateway.call('/5/x', { method, body: 'the body' });
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toMatchObject({ method, url: '/x', body: 'the body' });
      expect(answer.headers['x-ecolink-region']).toBe('mv');
    },
  );

  it('hands on a body that comes in pieces, at any pace, as one', async () => {
    const gateway = await startDataPlane();
    gateway.setPods(5, [(await echoPod()).url]);
    const request = beginCall(gateway.port, '/5/x', { method: 'POST', headers: { 'content-length': '8' } });
    const answered = once(request, 'response');
    for (const piece of ['t', 'he bod', 'y']) {
      request.write(piece);
      await delay(20);
    }
    const [response] = (await answered) as [IncomingMessage];
    request.end();
    expect(JSON.parse(await text(response))).toMatchObject({ url: '/x', body: 'the body' });
  });

  it.each([
    ['/5/v1/models', '/v1/models'],
    ['/5', '/'],
    ['/5?q', '/?q'],
    ['/5/a%2Fb/%2e%2e/../c//d/.?x=%20&y=a+b&&z', '/a%2Fb/%2e%2e/../c//d/.?x=%20&y=a+b&&z'],
    ['/5/http://elsewhere/', '/http://elsewhere/'],
  ])('hands %s to the pod byte for byte', async (path, seen) => {
    const gateway = await startDataPlane();
    gateway.setPods(5, [(await echoPod()).url]);
    expect(JSON.parse((await gateway.call(path)).body)).toMatchObject({ url: seen });
  });

  it('puts the path prefix of the pod’s URL in front', async () => {
    const gateway = await startDataPlane();
    gateway.setPods(5, [`${(await echoPod()).url}/models/llama/`]);
    expect(JSON.parse((await gateway.call('/5/v1/models?a')).body)).toMatchObject({ url: '/models/llama/v1/models?a' });
  });

  it('gives the pod its own key and none of the caller’s secrets', async () => {
    const pod = await echoPod();
    const gateway = await startDataPlane();
    gateway.setPods(5, [{ url: pod.url, apiKey: 'pod-key' }]);
    const headers = {
      authorization: 'Bearer eco_secret',
      cookie: 'session=1',
      'x-ecolink-request-id': 'req_1',
      connection: 'keep-alive, X-Private',
      'x-private': 'p',
      te: 'trailers',
      traceparent: '00-1-2-01',
      'X-Twice': ['a', 'b'],
    };
    const seen = JSON.parse((await gateway.call('/5/', { headers })).body) as { rawHeaders: string[] };
    const all = seen.rawHeaders.join('\n');
    expect(all).not.toMatch(/eco_secret|session=1|ecolink|x-private|trailers/i);
    expect(all).toContain('authorization\nBearer pod-key');
    expect(all).toContain('traceparent\n00-1-2-01');
    expect(all).toContain('X-Twice\na\nX-Twice\nb');
    expect(all).toContain(`host\n${new URL(pod.url).host}`);
  });

  it('gives back the pod’s status, reason and headers, duplicates included, and nothing that poses as ours', async () => {
    const pod = await startPod((_request, response) => {
      response.sendDate = false;
      const headers = [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-Odd-Case',
        'v',
        'x-ecolink-sent',
        'no',
        'X-Ecolink-Region',
        'elsewhere',
      ];
      response.writeHead(418, 'Short and stout', [...headers, 'Connection', 'close, x-hop', 'x-hop', '1', 'Content-Length', '3']);
      response.end('tea');
    });
    const gateway = await startDataPlane();
    gateway.setPods(5, [pod.url]);
    const answer = await gateway.call('/5/');
    expect([answer.status, answer.statusText, answer.body]).toEqual([418, 'Short and stout', 'tea']);
    const own = answer.rawHeaders.slice(0, answer.rawHeaders.indexOf('x-ecolink-region') + 2);
    expect(own).toEqual([
      'Set-Cookie',
      'a=1',
      'Set-Cookie',
      'b=2',
      'X-Odd-Case',
      'v',
      'Content-Length',
      '3',
      'x-ecolink-region',
      'mv',
    ]);
    expect(answer.headers).not.toHaveProperty('date');
    expect(answer.headers).not.toHaveProperty('x-ecolink-sent');
  });

  it('passes HEAD, 204 and 304 on without a body and with their headers', async () => {
    const pod = await startPod((request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, { 'content-length': '1234' }).end();
      else response.writeHead(request.url === '/gone' ? 204 : 304, { etag: '"1"' }).end();
    });
    const gateway = await startDataPlane();
    gateway.setPods(5, [pod.url]);
    expect(await gateway.call('/5/x', { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '1234' },
      body: '',
    });
    expect(await gateway.call('/5/gone')).toMatchObject({ status: 204, headers: { etag: '"1"' }, body: '' });
    expect(await gateway.call('/5/x')).toMatchObject({ status: 304, headers: { etag: '"1"' }, body: '' });
  });

  it('carries large bodies both ways unharmed', async () => {
    const pod = await startPod((request, response) => void request.pipe(response));
    const gateway = await startDataPlane();
    gateway.setPods(5, [pod.url]);
    const body = Buffer.alloc(20 * 1024 * 1024, 'abcdefghijklm');
    const answer = await gateway.call('/5/', { method: 'POST', body, headers: { 'content-length': String(body.length) } });
    expect(answer.body.length).toBe(body.length);
    expect(Buffer.from(answer.body).equals(body)).toBe(true);
  });
});

describe('who may call', () => {
  it.each([undefined, '', 'wrong', 'between-router-and-gatewaY'])(
    'refuses the secret %j before anything else',
    async (secret) => {
      const gateway = await startDataPlane();
      const headers = secret === undefined ? {} : { 'x-ecolink-internal-secret': secret };
      const answer = await fetch(`http://127.0.0.1:${gateway.port}/5/v1/models`, { headers });
      expect(answer.status).toBe(401);
    },
  );

  it('delivers a chunked answer whole when its head, its chunks and its end arrive in one packet', async () => {
    const packet =
      'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n6\r\nfirst \r\n6\r\nsecond\r\n0\r\n\r\n';
    const pod = await startPod((request, response) => {
      request.resume();
      request.on('end', () => response.socket?.end(packet));
    });
    const gateway = await startDataPlane();
    gateway.setPods(5, [pod.url]);
    for (let call = 0; call < 20; call += 1)
      expect((await gateway.call('/5/x', { method: 'POST', body: '{}' })).body).toBe('first second');
  });

  it('refuses the absolute form, so that no request target can name another host', async () => {
    const gateway = await startDataPlane();
    const pod = await echoPod();
    gateway.setPods(5, [pod.url]);
    expect(await gateway.call(`${pod.url}/5/x`)).toMatchObject({ status: 400 });
  });

  it('refuses protocol upgrades', async () => {
    const gateway = await startDataPlane();
    gateway.setPods(5, [(await echoPod()).url]);
    expect(await gateway.call('/5/x', { headers: { connection: 'upgrade', upgrade: 'websocket' } })).toMatchObject({
      status: 400,
    });
  });

  it('refuses header sections over 64 KiB and takes large ones below', async () => {
    const gateway = await startDataPlane();
    gateway.setPods(5, [(await echoPod()).url]);
    expect(await gateway.call('/5/x', { headers: { 'x-long': 'a'.repeat(40_000) } })).toMatchObject({ status: 200 });
    expect(await gateway.call('/5/x', { headers: { 'x-long': 'a'.repeat(70_000) } })).toMatchObject({ status: 431 });
  });

  it('refuses a request with two lengths instead of guessing', async () => {
    const gateway = await startDataPlane();
    const socket = connect(gateway.port, '127.0.0.1');
    socket.end('POST /5/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400/);
  });
});

describe('a head that comes long before its body', () => {
  it.each([
    ['an answer without a body', 304, 'GET'],
    ['an answer to HEAD', 200, 'HEAD'],
    ['a body that comes later', 200, 'GET'],
  ])('keeps its header values as the pod wrote them: %s', async (_what, status, method) => {
    const pod = await startPod((_request, response) => {
      response.writeHead(status, { 'x-name': 'Müller' }).write(Buffer.alloc(0));
      setTimeout(() => response.end(), 20);
    });
    const gateway = await startDataPlane();
    gateway.setPods(5, [pod.url]);
    expect((await gateway.call('/5/x', { method })).headers['x-name']).toBe('Müller');
  });
});

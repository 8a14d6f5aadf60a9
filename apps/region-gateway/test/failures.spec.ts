import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { waitFor } from '@ecolink/testing';
import { beginCall, closeAll, closedPort, startDataPlane, startPod } from './support/data-plane-fixture.js';

/** For what comes at once on a machine that has nothing else to do. */
const PATIENCE_MS = 30_000;
/** What has a time is tried so often: a machine that is busy for a moment has its say in one try, not in all. */
const TRIES = 3;

const tcpServers: (() => void)[] = [];
afterEach(async () => {
  for (const close of tcpServers.splice(0)) close();
  await closeAll();
});

/** A server below HTTP: what it does with a connection is up to the test. */
async function startTcpPod(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  tcpServers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const gatewayAnswer = (answer: { status: number; headers: IncomingMessage['headers'] }) => [
  answer.status,
  answer.headers['x-ecolink-gateway-error'],
  answer.headers['x-ecolink-sent'],
];

describe('round-robin', () => {
  it('gives healthy pods the same number of calls to within one', async () => {
    const counts = [0, 0, 0];
    const pods = await Promise.all(
      counts.map((_, index) =>
        startPod((_request, response) => void response.end(String((counts[index] = (counts[index] ?? 0) + 1)))),
      ),
    );
    const gateway = await startDataPlane();
    gateway.setPods(
      5,
      pods.map((pod) => pod.url),
    );
    await Promise.all(Array.from({ length: 100 }, () => gateway.call('/5/')));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });
});

describe('a request that no pod has seen', () => {
  it('moves on to a pod that accepts it, with its whole body, and asks for a probe of the other', async () => {
    const pod = await startPod(async (request, response) => void response.end(`got ${(await text(request)).length}`));
    const gateway = await startDataPlane();
    gateway.setPods(5, [await closedPort(), await closedPort(), pod.url]);
    for (const body of ['small', Buffer.alloc(3_000_000, 'x')]) {
      expect(await gateway.call('/5/', { method: 'POST', body })).toMatchObject({ status: 200, body: `got ${body.length}` });
    }
    expect(new Set(gateway.unreachable.map((unreachablePod) => unreachablePod.podId))).toEqual(new Set(['pod_0', 'pod_1']));
  });

  it('is told as never sent when every pod refuses', async () => {
    const gateway = await startDataPlane();
    gateway.setPods(5, [await closedPort(), await closedPort()]);
    expect(gatewayAnswer(await gateway.call('/5/', { method: 'POST', body: 'x' }))).toEqual([502, 'connect_failed', 'no']);
    expect(gateway.unreachable).toHaveLength(2);
  });

  it('is told as never sent when there is no pod', async () => {
    const gateway = await startDataPlane();
    const answer = await gateway.call('/5/');
    expect(gatewayAnswer(answer)).toEqual([503, 'no_pod', 'no']);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'no_healthy_pod', param: null } });
    gateway.pods.setPods(6, { openaiCompatible: true, healthPath: null }, [
      { kind: 'running', podId: 'p', weight: 1, apiKey: null, url: await closedPort() },
    ]);
    expect(gatewayAnswer(await gateway.call('/6/'))).toEqual([503, 'no_pod', 'no']);
  });

  it('gives up connecting after the connect time-out and moves on', async () => {
    const neverResolves = () => undefined;
    const pod = await startPod((_request, response) => void response.end('second'));
    const gateway = await startDataPlane({}, { connectTimeoutMs: 300 });
    gateway.setPods(5, [
      { url: 'http://pod.test:9', podId: 'a', lookup: neverResolves },
      { url: pod.url, podId: 'b' },
    ]);
    expect(await gateway.call('/5/')).toMatchObject({ status: 200, body: 'second' });
  });
});

describe('a request that a pod may have seen', () => {
  it.each(['POST', 'GET'])('is never sent to a second pod when the connection is lost (%s)', async (method) => {
    let seen = 0;
    const cutting = await startTcpPod((socket) => {
      socket.once('data', () => {
        seen += 1;
        socket.destroy();
      });
    });
    const gateway = await startDataPlane();
    gateway.setPods(5, [cutting, cutting.replace('127.0.0.1', 'localhost')]);
    expect(gatewayAnswer(await gateway.call('/5/', { method, body: 'x' }))).toEqual([502, 'connection_lost', 'yes']);
    expect(seen).toBe(1);
  });

  it('answers connection_lost when the pod goes in the middle of an upload', async () => {
    const cutting = await startTcpPod((socket) => void socket.once('data', () => socket.destroy()));
    const gateway = await startDataPlane();
    gateway.setPods(5, [cutting]);
    const request = beginCall(gateway.port, '/5/', { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
    request.on('error', () => undefined);
    request.write('first');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect([response.statusCode, response.headers['x-ecolink-gateway-error'], response.headers['x-ecolink-sent']]).toEqual([
      502,
      'connection_lost',
      'yes',
    ]);
    request.destroy();
  });

  it('answers timeout when no header comes in time, and ends the pod’s request', async () => {
    let closed = false;
    const pod = await startPod((request) => void request.on('close', () => (closed = true)));
    const gateway = await startDataPlane({ firstByteTimeoutMs: 100 });
    const instance = gateway.setPods(5, [pod.url]);
    expect(gatewayAnswer(await gateway.call('/5/'))).toEqual([504, 'timeout', 'yes']);
    await waitFor(() => closed, { timeoutMs: PATIENCE_MS });
    expect([...instance.pods][0]?.callsInFlight).toBe(0);
  });
});

describe('an answer that has begun', () => {
  it('reaches the caller piece by piece', async () => {
    let podResponse: ServerResponse | undefined;
    const pod = await startPod((_request, response) => {
      podResponse = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const gateway = await startDataPlane();
    gateway.setPods(5, [pod.url]);
    const request = beginCall(gateway.port, '/5/').end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    for (const piece of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
      podResponse?.write(piece);
      const [chunk] = (await once(response, 'data')) as [Buffer];
      expect(chunk.toString()).toBe(piece);
    }
    podResponse?.end();
    await once(response, 'end');
    expect(response.complete).toBe(true);
  });

  it.each(['chunked', 'content-length'])(
    'is cut for the caller when the pod is cut, after all that came (%s)',
    async (framing) => {
      const head = framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n' : 'Content-Length: 10\r\n\r\nhello';
      const cutting = await startTcpPod((socket) => void socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${head}`)));
      const gateway = await startDataPlane();
      gateway.setPods(5, [cutting]);
      const request = beginCall(gateway.port, '/5/').end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      let received = '';
      response.on('data', (chunk: Buffer) => (received += chunk.toString()));
      const [error] = (await once(response, 'error')) as [Error];
      expect([received, response.complete, (error as NodeJS.ErrnoException).code]).toEqual(['hello', false, 'ECONNRESET']);
      expect(gateway.outcomes).toEqual(['cut']);
    },
  );

  it('is cut when the pod falls silent', async () => {
    const pod = await startPod((_request, response) => void response.write('begun'));
    const gateway = await startDataPlane({ idleTimeoutMs: 100 });
    gateway.setPods(5, [pod.url]);
    await expect(gateway.call('/5/')).rejects.toThrow('aborted');
  });

  it('is cut when the whole call takes too long', async () => {
    const pod = await startPod((_request, response) => {
      const timer = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const gateway = await startDataPlane({ totalTimeoutMs: 200 });
    gateway.setPods(5, [pod.url]);
    await expect(gateway.call('/5/')).rejects.toThrow('aborted');
  });

  it('waits for a slow caller instead of filling memory', async () => {
    let written = 0;
    const pod = await startPod((_request, response) => {
      const chunk = Buffer.alloc(65_536);
      const fill = () => {
        do written += chunk.length;
        while (response.write(chunk) && written < 200_000_000);
      };
      response.on('drain', fill);
      fill();
    });
    const gateway = await startDataPlane({ idleTimeoutMs: 500 });
    gateway.setPods(5, [pod.url]);
    const request = beginCall(gateway.port, '/5/').end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.pause();
    // Longer than the idle limit: the silence is the caller's own.
    await waitFor(() => written > 0, { timeoutMs: PATIENCE_MS });
    const settled = await waitUnchanged(() => written, 1_500);
    expect(settled).toBeLessThan(50_000_000);
    const [chunk] = (await once(response.resume(), 'data')) as [Buffer];
    expect(chunk.length).toBeGreaterThan(0);
    await waitFor(() => written > settled, { timeoutMs: PATIENCE_MS });
    request.destroy();
  });
});

describe('a caller that goes away', () => {
  it.each([true, false])('ends the pod’s request at once, the answer having begun: %s', async (begins) => {
    const tookMs: number[] = [];
    for (let round = 0; round < TRIES; round += 1) {
      let closedAtMs = 0;
      let arrived = false;
      const pod = await startPod((request, response) => {
        arrived = true;
        if (begins) response.write('begun');
        response.on('close', () => (closedAtMs = performance.now()));
        request.resume();
      });
      const gateway = await startDataPlane();
      const instance = gateway.setPods(5, [pod.url]);
      const request = beginCall(gateway.port, '/5/', { method: 'POST', body: 'x' });
      request.on('error', () => undefined).end('x');
      if (begins) await once(request, 'response');
      await waitFor(() => arrived, { timeoutMs: PATIENCE_MS });
      const leftAtMs = performance.now();
      request.destroy();
      await waitFor(() => closedAtMs > 0, { timeoutMs: PATIENCE_MS, intervalMs: 2 });
      tookMs.push(closedAtMs - leftAtMs);
      expect([...instance.pods][0]?.callsInFlight).toBe(0);
      expect(gateway.outcomes).toEqual(['aborted']);
    }
    expect(Math.min(...tookMs)).toBeLessThan(250);
  });
});

describe('bounds', () => {
  it('lets calls wait for a pod with room, first come first served, and answers busy beyond the queue', async () => {
    const open: ServerResponse[] = [];
    const pod = await startPod((_request, response) => void open.push(response));
    const gateway = await startDataPlane({}, { callsPerPodMax: 2, waitingCallsMax: 2, waitMaxMs: 30_000 });
    const instance = gateway.setPods(5, [pod.url]);
    const calls = Array.from({ length: 4 }, () => gateway.call('/5/'));
    await waitFor(() => open.length === 2 && [...instance.pods][0]?.callsInFlight === 2, { timeoutMs: PATIENCE_MS });
    await waitFor(() => instance.callsWaiting === 2, { timeoutMs: PATIENCE_MS });
    expect(gatewayAnswer(await gateway.call('/5/'))).toEqual([503, 'busy', 'no']);
    for (let ended = 0; ended < 4; ended += 1) {
      await waitFor(() => open.length > ended, { timeoutMs: PATIENCE_MS });
      open[ended]?.end('done');
    }
    expect((await Promise.all(calls)).map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  });

  it('gives a call that waits to a pod that came after it, and not to one it was there for', async () => {
    const full = await startPod(() => undefined);
    const late = await startPod((_request, response) => void response.end('late'));
    const gateway = await startDataPlane({}, { callsPerPodMax: 1, waitMaxMs: 20_000 });
    const instance = gateway.setPods(5, [full.url]);
    const hanging = beginCall(gateway.port, '/5/').on('error', () => undefined);
    hanging.end();
    await waitFor(() => [...instance.pods][0]?.callsInFlight === 1, { timeoutMs: PATIENCE_MS });
    const waiting = gateway.call('/5/');
    await waitFor(() => instance.callsWaiting === 1, { timeoutMs: PATIENCE_MS });
    gateway.setPods(5, [full.url, late.url]);
    expect((await waiting).body).toBe('late');
    hanging.destroy();
  });

  it('answers busy when the wait is over', async () => {
    const pod = await startPod(() => undefined);
    const gateway = await startDataPlane({}, { callsPerPodMax: 1, waitMaxMs: 50 });
    gateway.setPods(5, [pod.url]);
    const hanging = beginCall(gateway.port, '/5/').on('error', () => undefined);
    hanging.end();
    await waitFor(() => [...(gateway.pods.get(5)?.pods ?? [])][0]?.callsInFlight === 1, { timeoutMs: PATIENCE_MS });
    expect(gatewayAnswer(await gateway.call('/5/'))).toEqual([503, 'busy', 'no']);
    hanging.destroy();
  });

  it('keeps a hung pod of one instance from slowing another', async () => {
    const hung = await startPod(() => undefined);
    const quick = await startPod((_request, response) => void response.end('quick'));
    const gateway = await startDataPlane();
    gateway.setPods(5, [hung.url]);
    gateway.setPods(6, [quick.url]);
    const hanging = Array.from({ length: 300 }, () =>
      beginCall(gateway.port, '/5/')
        .on('error', () => undefined)
        .end(),
    );
    await waitFor(() => [...(gateway.pods.get(5)?.pods ?? [])][0]?.callsInFlight === 300, { timeoutMs: PATIENCE_MS });
    const tookMs: number[] = [];
    for (let round = 0; round < TRIES; round += 1) {
      const startedAtMs = performance.now();
      for (let count = 0; count < 20; count += 1) expect((await gateway.call('/6/')).body).toBe('quick');
      tookMs.push(performance.now() - startedAtMs);
    }
    expect(Math.min(...tookMs)).toBeLessThan(1_000);
    for (const request of hanging) request.destroy();
  });
});

describe('draining', () => {
  it('lets a removed pod end its calls and gives it no new ones', async () => {
    let podResponse: ServerResponse | undefined;
    const leaving = await startPod((_request, response) => void (podResponse = response));
    const staying = await startPod((_request, response) => void response.end('staying'));
    const gateway = await startDataPlane();
    const instance = gateway.setPods(5, [leaving.url]);
    const running = gateway.call('/5/');
    await waitFor(() => podResponse !== undefined, { timeoutMs: PATIENCE_MS });
    gateway.setPods(5, [{ url: staying.url, podId: 'pod_new' }]);
    expect(instance.drainingPods).toHaveLength(1);
    expect((await gateway.call('/5/')).body).toBe('staying');
    podResponse?.end('ended well');
    expect((await running).body).toBe('ended well');
    expect(instance.drainingPods).toHaveLength(0);
  });

  it('cuts the calls of a removed pod when its time is over', async () => {
    const leaving = await startPod((_request, response) => void response.write('begun'));
    const gateway = await startDataPlane({}, { drainMaxMs: 100 });
    gateway.setPods(5, [leaving.url]);
    const running = gateway.call('/5/');
    await waitFor(() => [...(gateway.pods.get(5)?.pods ?? [])][0]?.callsInFlight === 1, { timeoutMs: PATIENCE_MS });
    gateway.setPods(5, []);
    await expect(running).rejects.toThrow('aborted');
  });
});

async function waitUnchanged(read: () => number, forMs: number): Promise<number> {
  let last = read();
  let sinceMs = performance.now();
  await waitFor(
    () => {
      if (read() !== last) [last, sinceMs] = [read(), performance.now()];
      return performance.now() - sinceMs > forMs;
    },
    { timeoutMs: PATIENCE_MS },
  );
  return last;
}

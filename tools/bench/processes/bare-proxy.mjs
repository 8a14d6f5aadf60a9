// The baseline: what a reverse proxy costs on Node's `http` and undici when it does nothing but what is right. Hop-by-hop
// headers stay, a client that leaves ends the pod's request, a slow client holds its pod back, a cut answer is cut, and
// whatever is there at once is one write.
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { listen, ready, settings } from './ready.mjs';

const CONNECTIONS_MAX = 8_192;
const NOT_FORWARDED = new Set(
  'connection,keep-alive,proxy-authenticate,proxy-authorization,proxy-connection,te,trailer,transfer-encoding,upgrade'.split(','),
);
const NOT_FOR_UPSTREAM = new Set([...NOT_FORWARDED, 'host', 'expect', 'content-length']);

const pool = new Pool(settings.upstream, {
  connections: CONNECTIONS_MAX,
  pipelining: 1,
  headersTimeout: 600_000,
  bodyTimeout: 120_000,
});

const server = createServer({ noDelay: true, keepAliveTimeout: 75_000 }, (request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => forward(request, response, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
  request.on('error', ignore);
  response.on('error', ignore);
});

function forward(request, response, body) {
  const exchange = new Exchange(response);
  response.on('close', () => exchange.clientGone());
  pool.dispatch(
    { path: request.url, method: request.method, headers: kept(request.rawHeaders, NOT_FOR_UPSTREAM), body },
    exchange,
  );
}

class Exchange {
  #controller;
  #isOver = false;
  #response;

  constructor(response) {
    this.#response = response;
  }

  clientGone() {
    if (!this.#isOver) this.#controller?.abort(new Error('the client left'));
  }

  onRequestStart(controller) {
    this.#controller = controller;
    if (this.#response.destroyed) controller.abort(new Error('the client left'));
  }

  onResponseStart(controller, status) {
    const headers = controller.rawHeaders.map((part) => part.toString('latin1'));
    this.#response.sendDate = false;
    this.#response.writeHead(status, kept(headers, NOT_FORWARDED));
    this.#response.cork();
    queueMicrotask(() => this.#uncork());
  }

  onResponseData(controller, chunk) {
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once('drain', () => controller.resume());
  }

  onResponseEnd() {
    this.#isOver = true;
    this.#uncork();
    this.#response.end();
  }

  onResponseError() {
    this.#isOver = true;
    if (this.#response.headersSent) this.#response.destroy();
    else this.#response.writeHead(502).end();
  }

  #uncork() {
    while (this.#response.writableCorked > 0) this.#response.uncork();
  }
}

function kept(raw, dropped) {
  const headers = [];
  let bound;
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index].toLowerCase() === 'connection') bound = new Set(raw[index + 1].toLowerCase().split(/\s*,\s*/));
  }
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index].toLowerCase();
    if (!dropped.has(name) && bound?.has(name) !== true) headers.push(raw[index], raw[index + 1]);
  }
  return headers;
}

function ignore() {
  // Shows as `close`.
}

ready({ port: await listen(server) });

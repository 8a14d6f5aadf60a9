// One attack, from a process of its own, on the router or, for the baseline, on a sink of its own.
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { ready, settings } from '../bench/processes/ready.mjs';
import { REFUSED_CALL, REFUSED_CONNECTIONS } from './refused-call.mjs';

const { attack, origin, keys, model } = settings;
const { hostname, port } = new URL(origin);
const BODY_BYTES = 60 * 1_048_576;
const PATH = '/v1/chat/completions';
const again = (work, pauseMs) => void setTimeout(work, pauseMs);

function call(key, body, onResponse) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length };
  const request = httpRequest({ hostname, port, path: PATH, method: 'POST', headers, agent: false }, onResponse);
  request.on('error', () => undefined);
  request.end(body);
  return request;
}

/** Streams that are read as fast as they come, opened again when they end. */
function streams(kind, perKey) {
  const body = (owner) => Buffer.from(JSON.stringify({ model: modelOf(owner), stream: true, messages: [], kind }));
  for (const [owner, key] of keys.entries()) {
    for (let stream = 0; stream < perKey; stream += 1) {
      const open = () => {
        let pauseMs = 200;
        // One that is refused comes back when it may: how refusals at any rate are felt is an attack of its own.
        const read = (response) => {
          pauseMs = Math.max(pauseMs, 1_000 * Number(response.headers['retry-after'] ?? 0));
          response.resume();
        };
        call(key, body(owner), read).on('close', () => again(open, pauseMs));
      };
      open();
    }
  }
}

function modelOf(owner) {
  return model === 'shared' ? model : `m:${model + owner}`;
}

function large(fill, open = '') {
  const start = `{"model":"${modelOf(0)}","x":${open}`;
  const body = Buffer.concat([Buffer.from(start), Buffer.from(fill.repeat(Math.floor(BODY_BYTES / fill.length)))]);
  for (const key of keys) {
    const send = () => call(key, body, (response) => response.resume()).on('close', () => again(send, 50));
    send();
  }
}

function raw(text, onOpen = () => undefined) {
  const socket = connect({ host: hostname, port });
  socket.on('error', () => undefined);
  socket.write(text);
  onOpen(socket);
}

const head = (key, length) =>
  `POST ${PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nContent-Length: ${length}\r\n\r\n`;

function slowBodies(count) {
  for (let index = 0; index < count; index += 1) {
    const open = () =>
      raw(`${head(keys[index % keys.length], 1_000_000)}{"model":"`, (socket) => {
        const drip = setInterval(() => socket.write('x'), 1_000);
        socket.once('close', () => (clearInterval(drip), again(open, 500)));
      });
    open();
  }
}

/** Clients that ask for a lot and take nothing. */
function silentReaders(count) {
  for (let index = 0; index < count; index += 1) {
    const owner = index % keys.length;
    const body = JSON.stringify({ model: modelOf(owner), stream: true, messages: [], kind: 'large_frames' });
    const open = () =>
      raw(head(keys[owner], body.length) + body, (socket) => {
        socket.pause();
        socket.once('close', () => again(open, 500));
      });
    open();
  }
}

/** Refusals at a pace, over kept connections. */
async function refusals(perSecond) {
  const { Pool } = await import('undici');
  const pool = new Pool(origin, { connections: REFUSED_CONNECTIONS });
  setInterval(() => {
    for (let index = 0; index < perSecond / 50; index += 1)
      void pool.request(REFUSED_CALL).then(
        ({ body }) => body.dump(),
        () => undefined,
      );
  }, 20);
}

const ATTACKS = {
  blank_lines: () => streams('blank_lines', 4),
  blank_chunks: () => streams('blank_chunks', 4),
  one_byte_frames: () => streams('one_byte_frames', 4),
  one_byte_chunks: () => streams('one_byte_chunks', 4),
  tiny_json_frames: () => streams('tiny_json_frames', 4),
  endless_line: () => streams('endless_line', 4),
  quotes: () => large('\\"', '"'),
  open_quotes: () => large('"'),
  brackets: () => large('['),
  white_space: () => large(' '),
  escapes: () => large('\\\\', '"'),
  slow_bodies: () => slowBodies(1_000),
  silent_readers: () => silentReaders(1_000),
  shared_slots: () => streams('held', 1_024),
  refusals: () => refusals(settings.perSecond),
};
ATTACKS[attack]();
ready({});

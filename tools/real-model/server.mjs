import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAnswers, errorBody } from './answers.mjs';
import { complete } from './complete.mjs';
import { answerEmbeddings, parseEmbeddingsRequest } from './embeddings.mjs';
import { parseRequest, RequestError } from './request.mjs';
import { createTurnQueue } from './turn-queue.mjs';

const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** At some seconds an answer, whoever would wait behind more than eight is better told to go elsewhere. */
const WAITING_MAX = 8;
const KINDS = { '/v1/chat/completions': 'chat', '/v1/completions': 'text' };

/** An OpenAI-compatible server over one model, and an embedding model where there is one. `listen` resolves with the port; `close` lets running answers finish. */
export function createModelServer({ engine, modelName, embedder, embeddingModelName, apiKey, log = console.error }) {
  const turns = createTurnQueue(WAITING_MAX);
  const service = { engine, modelName, embedder, embeddingModelName, apiKey, turns };
  const server = createServer((request, response) => {
    answer(service, request, response).catch((error) => fail(response, error, log));
  });
  return {
    async listen(host, port) {
      server.listen(port, host);
      await once(server, 'listening');
      return server.address().port;
    },
    async close() {
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
    },
  };
}

async function answer(service, request, response) {
  const [pathname] = request.url.split('?', 1);
  if (pathname === '/health') return sendJson(response, 200, { status: 'ok' });
  if (!isAllowed(request, service.apiKey)) throw new RequestError(401, 'invalid_api_key', 'the API key is missing or wrong');
  if (pathname === '/v1/models' && request.method === 'GET') return sendJson(response, 200, modelList(service));
  if (pathname === '/v1/embeddings' && request.method === 'POST' && service.embedder !== undefined)
    return sendEmbeddings(service, request, response);
  const kind = KINDS[pathname];
  if (kind === undefined || request.method !== 'POST')
    throw new RequestError(404, 'not_found', `there is no ${request.method} ${pathname}`);
  const call = parseRequest(kind, await readJson(request), service);
  await inTurn(service, response, (signal) => (call.stream ? sendStream : sendWhole)(service, { kind, call, response, signal }));
}

async function sendEmbeddings(service, request, response) {
  const call = parseEmbeddingsRequest(await readJson(request), service);
  await inTurn(service, response, async (signal) => {
    const body = await answerEmbeddings(call, service);
    if (!signal.aborted) sendJson(response, 200, body);
  });
}

/** Runs the work when it is its turn. A caller who hangs up frees the model, or the place in the queue, at once. */
async function inTurn({ turns }, response, work) {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.destroyed) return;
  const turn = turns.enter(gone.signal);
  if (turn === undefined) throw new RequestError(503, 'server_busy', 'too many requests are waiting for the model');
  if (!(await turn)) return;
  try {
    await work(gone.signal);
  } finally {
    turns.leave();
  }
}

async function sendWhole({ engine, modelName }, { kind, call, response, signal }) {
  let text = '';
  const { finishReason, usage } = await complete(engine, call, { signal, onText: (piece) => (text += piece) });
  if (!signal.aborted) sendJson(response, 200, createAnswers(kind, modelName).whole(text, finishReason, usage));
}

/** Nothing goes out before the first word is there: until then a failure is an honest status, and a caller measures truly. */
async function sendStream({ engine, modelName }, { kind, call, response, signal }) {
  const answers = createAnswers(kind, modelName);
  const begin = () => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    return kind === 'chat' ? frameOf(answers.first()) : '';
  };
  const send = async (frame) => {
    if (signal.aborted) return;
    const text = (response.headersSent ? '' : begin()) + frameOf(frame);
    if (!response.write(text)) await once(response, 'drain', { signal }).catch(() => undefined);
  };
  const onText = (text) => (text === '' ? undefined : send(answers.piece(text)));
  const { finishReason, usage } = await complete(engine, call, { signal, onText });
  await send(answers.last(finishReason));
  if (call.includeUsage) await send(answers.usage(usage));
  response.end('data: [DONE]\n\n');
}

function frameOf(object) {
  return `data: ${JSON.stringify(object)}\n\n`;
}

function isAllowed(request, apiKey) {
  if (apiKey === undefined) return true;
  const digest = (text) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${apiKey}`));
}

function modelList({ modelName, embeddingModelName }) {
  const names = embeddingModelName === undefined ? [modelName] : [modelName, embeddingModelName];
  return { object: 'list', data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'local' })) };
}

async function readJson(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new RequestError(413, 'request_too_large', `the body is over ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new RequestError(400, 'invalid_request', 'the body is not JSON');
  }
}

/** In a stream that has begun, an error frame without `[DONE]` is all that can still be said. */
function fail(response, error, log) {
  if (response.destroyed) return;
  const known = error instanceof RequestError;
  if (!known) log(JSON.stringify({ event: 'request_failed', message: error.message }));
  const refusal = known ? error : new RequestError(500, 'internal_error', 'the model failed');
  if (!response.headersSent)
    sendJson(response, refusal.status, errorBody(refusal), refusal.status === 503 ? { 'retry-after': '2' } : {});
  else if (!response.writableEnded) response.end(frameOf(errorBody(refusal)));
}

function sendJson(response, status, body, headers = {}) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

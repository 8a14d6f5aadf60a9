import type { IncomingMessage, ServerResponse } from 'node:http';
import { assertNever } from '../assert-never.js';
import { faultsRoute, health, models, root, sendJson } from '../routes/control-routes.js';
import { INFERENCE } from '../routes/inference.js';
import { openAiError, RequestRefused } from '../wire/request-refused.js';
import { authorize } from './authorize.js';
import type { Exchange } from './exchange.js';
import { replaceAnswer, requestFaults } from './inference-faults.js';
import type { RouteMatch } from './match-route.js';
import { matchRoute } from './match-route.js';
import { pairsOf } from './raw-headers.js';
import { readBody } from './read-body.js';
import type { RequestRecord } from './request-log.js';
import { RequestLog } from './request-log.js';
import type { SimulatorState } from './simulator-state.js';

const STARTED_AT_MS = Date.now();

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly record: RequestRecord;
  readonly signal: AbortSignal;
}

/** Serves one request from arrival to its record in the log; never rejects. */
export async function handleRequest(state: SimulatorState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path, query] = splitUrl(request.url ?? '/');
  const method = request.method ?? 'GET';
  const match = matchRoute(method, path, state.settings.category);
  // Looking at the simulator is not traffic.
  const log = path.startsWith('/_simulator/') ? new RequestLog(0) : state.log;
  const record = log.begin(labelOf(match, path), { method, path, query, headers: pairsOf(request.rawHeaders) });
  const connection = new AbortController();
  response.on('close', () => {
    log.end(record, response.writableFinished, response.headersSent ? response.statusCode : undefined);
    if (!response.writableFinished) connection.abort();
  });
  if (!state.accepting()) response.setHeader('connection', 'close');
  try {
    await serve(state, match, { request, response, method, path, query, record, signal: connection.signal });
  } catch (error) {
    answerError(response, error);
  }
}

async function serve(state: SimulatorState, match: RouteMatch, arrival: Arrival): Promise<void> {
  const { request, response, method, path, signal } = arrival;
  switch (match.kind) {
    case 'not-found':
      throw new RequestRefused(404, 'not_found', `Nothing is served at ${method} ${path.slice(0, 256)}.`);
    case 'wrong-category':
      throw new RequestRefused(404, 'not_found', `Only simulators started with --category ${match.served} serve ${path}.`);
    case 'wrong-method':
      response.setHeader('allow', match.allow);
      throw new RequestRefused(405, 'method_not_allowed', `${path} allows ${match.allow}.`);
    case 'route':
      break;
    default:
      return assertNever(match);
  }
  switch (match.name) {
    case 'root':
      root(state, response);
      break;
    case 'health':
      await health(state, response, signal);
      break;
    case 'models':
      models(state, request, response, STARTED_AT_MS);
      break;
    case 'stats':
      sendJson(response, 200, { model: state.settings.model, category: state.settings.category, ...state.log.stats() });
      break;
    case 'faults':
      await faultsRoute(state, request, response);
      break;
    default:
      await infer(state, arrival, INFERENCE[match.name]);
  }
}

/** What every inference request goes through; faults come after the body, as an engine fails only once it has been asked. */
async function infer(state: SimulatorState, arrival: Arrival, answer: (exchange: Exchange) => Promise<void>): Promise<void> {
  const { request, record, query } = arrival;
  const { settings } = state;
  if (state.phase() === 'loading') throw new RequestRefused(503, 'model_loading', 'The simulated model is still loading.');
  authorize(request.headers.authorization, settings.apiKey);
  const ownFaults = settings.allowRequestFaults ? requestFaults(request.headers, query) : [];
  const body = await readBody(request, settings.bodyBytesMax);
  record.bodyBytes = body.length;
  record.bodyText = settings.recordedRequestsMax > 0 ? body.toString('utf8', 0, settings.recordedBodyBytesMax) : '';
  const faults = [...ownFaults, ...state.faults.takeForRequest()];
  record.faults = faults.map((fault) => fault.kind);
  const exchange: Exchange = { ...arrival, body, faults, settings, ttftMs: state.nextTtftMs(), prompts: state.prompts };
  if (!(await replaceAnswer(exchange))) await answer(exchange);
}

function answerError(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof RequestRefused) {
    sendJson(response, error.status, openAiError(error.status, error.code, error.message, error.param));
    return;
  }
  process.stderr.write(
    `${JSON.stringify({ event: 'request_failed', error: error instanceof Error ? error.stack : String(error) })}\n`,
  );
  sendJson(response, 500, openAiError(500, 'internal_error', 'The simulator failed, and not on purpose.'));
}

/** The path, but one label for all paths that a caller makes up. */
function labelOf(match: RouteMatch, path: string): string {
  if (match.kind !== 'route') return 'other';
  if (match.name === 'read-video') return '/v1/video/generations/*';
  if (match.name !== 'echo') return path;
  return path.startsWith('/echo') ? '/echo/*' : '/generate/*';
}

function splitUrl(url: string): [path: string, query: string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

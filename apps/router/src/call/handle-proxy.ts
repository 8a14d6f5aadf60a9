import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { HEADER, parseInstanceId } from '@ecolink/contracts';
import { ok, type Outcome, refused } from './outcome.js';
import { resolveInstance } from '../admission/resolve-target.js';
import { reservePayment } from '../admission/reserve-payment.js';
import { addIds, proxyRequestHeaders } from '../upstream/header-rules.js';
import type { Exchange } from '../listen/exchange.js';
import type { BodyHold } from '../listen/body-budget.js';
import { type BodyLimits, collectBody, type ReadBodyResult } from '../listen/read-body.js';
import { CallSettlement } from '../settlement/call-settlement.js';
import { relayVerbatim } from '../relay/relay-verbatim.js';
import { attemptRegions, type RegionsResult } from '../routing/attempt-regions.js';
import { noHealthyPod } from '../routing/candidates.js';
import { admitCaller } from '../admission/admit-caller.js';
import { type RouterContext, refuse, refuseBody, retryHint, shareOf } from './router-context.js';
import { evidenceOf } from '../routing/evidence-of.js';
import { enterCall } from './enter-call.js';
import { asksForUpgrade, UPGRADE_REFUSED } from '../listen/refuse-upgrade.js';
import { recordUnanswered } from './record-unanswered.js';

export interface ProxyRoute {
  readonly instanceIdText: string;
  /** Below `proxy`, without its leading slash, as the client wrote it. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** One call to a custom instance: the order of checks of every call, then bytes in both directions as they are. */
export async function handleProxy(plane: RouterContext, exchange: Exchange, call: ProxyRoute): Promise<void> {
  exchange.endpoint = `/inference-instances/${call.instanceIdText}/proxy`;
  const caller = admitCaller(plane, exchange);
  if (caller.kind === 'refused') return refuse(plane, exchange, caller.refusal);
  const full = enterCall(plane, exchange, caller.value.key.account_id);
  if (full !== undefined) return refuse(plane, exchange, full);
  const resolved = resolveInstance(plane.state, caller.value.key, parseInstanceId(call.instanceIdText));
  if (resolved.kind === 'refused') return refuse(plane, exchange, resolved.refusal);
  const target = resolved.value;
  const allowed = allowPath(call.path, target.instance.custom_api_path ?? '');
  if (allowed.kind === 'refused') return refuse(plane, exchange, allowed.refusal);

  if (asksForUpgrade(exchange.request)) return refuse(plane, exchange, UPGRADE_REFUSED, { connection: 'close' });
  const payment = reservePayment(plane, exchange, caller.value, target, null);
  if (payment.kind === 'refused') return refuse(plane, exchange, payment.refusal);
  const endpoint = `/inference-instances/${target.instance.instance_id}/proxy`;
  const recorder = new CallSettlement(plane, exchange, { caller: caller.value, target, endpoint }, payment.value);
  try {
    const { request } = exchange;
    const hold = plane.bodies.open(caller.value.key.account_id);
    exchange.onOver(() => hold.release());
    const read = await bodyOf(request, plane.limits, hold);
    if (read.kind === 'client_gone') return;
    if (read.kind === 'refusal') return refuseBody(plane, exchange, read.refusal);
    const { body } = read;
    // Only now: a body may take its time, and pods come and go meanwhile.
    const route = plane.candidates.route(target.instance, target.regions);
    if (route.candidates.length === 0) return refuse(plane, exchange, noHealthyPod(target.instance));
    const headers = requestHeaders(plane, exchange);
    const overheadMs = exchange.elapsedMs();
    recorder.sentOn(overheadMs);
    const result = await attemptRegions(exchange, {
      candidates: route.candidates,
      evidence: evidenceOf(plane, target, route),
      noPod: () => noHealthyPod(target.instance),
      send: ({ gatewayUrl, region }, triedPods) => {
        exchange.onOver(route.loads.enter(region));
        return plane.upstreams.send(gatewayUrl, {
          method: request.method ?? 'GET',
          path: `/${target.instance.instance_id}/${call.path}${call.query}`,
          headers: route.podFailures.takeHeadersFor(region, headers, triedPods),
          body,
          deadlineMs: exchange.startedAtMs + plane.limits.totalTimeoutMs,
        });
      },
      repeatableAfterLoss: SAFE_METHODS.has(request.method ?? ''),
      retriesStatuses: false,
      bodyIsWhole: () => read.isKept || !request.readableDidRead,
    });
    await conclude(plane, exchange, recorder, result, { target, overheadMs }, caller.value.key.account_id);
  } finally {
    recorder.close();
  }
}

async function conclude(
  plane: RouterContext,
  exchange: Exchange,
  recorder: CallSettlement,
  result: RegionsResult,
  served: { target: CallTarget; overheadMs: number },
  accountId: string,
): Promise<void> {
  switch (result.kind) {
    case 'answer':
      return relayVerbatim(
        exchange,
        result.answer,
        { region: result.region, ...served },
        recorder,
        shareOf(plane, exchange, accountId),
      );
    case 'client_gone':
      recordUnanswered(recorder, result, null);
      return;
    case 'refused':
      recordUnanswered(recorder, result, null);
      refuse(plane, exchange, result.refusal, retryHint(result.refusal));
      return;
    case 'kept_answer':
      throw new Error('a custom instance answers at once: nothing is kept');
  }
}

type CallTarget = Parameters<typeof relayVerbatim>[2]['target'];

/** Bodies up to this length are kept, so that a call that no pod got can move on with its body. */
const KEPT_BODY_BYTES_MAX = 65_536;

type ProxyBody =
  | { readonly kind: 'body'; readonly body: Buffer | Readable | null; readonly isKept: boolean }
  | Exclude<ReadBodyResult, { kind: 'bytes' }>;

/** A request has a body exactly when it announces one; anything else would be framing of our own making. */
async function bodyOf(request: IncomingMessage, limits: BodyLimits, hold: BodyHold): Promise<ProxyBody> {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined) return { kind: 'body', body: request, isKept: false };
  if (headers['content-length'] === undefined) return { kind: 'body', body: null, isKept: true };
  if (Number(headers['content-length']) > KEPT_BODY_BYTES_MAX) return { kind: 'body', body: request, isKept: false };
  const read = await collectBody(request, limits, hold);
  return read.kind === 'bytes' ? { kind: 'body', body: read.bytes, isKept: true } : read;
}

/** The path must be the instance's custom path or lie below it; steps out of it are refused in every spelling. */
function allowPath(path: string, customApiPath: string): Outcome<null> {
  if (path.split('/').some(isDotSegment)) return refused('path_not_allowed', 'the path may not hold dot segments');
  const root = customApiPath.replace(/^\/+/, '');
  if (root === '' || path === root || path.startsWith(`${root}/`)) return ok(null);
  return refused('path_not_allowed', `this instance serves /${root} and what lies below it`);
}

/** `.` and `..`, also with percent-encoded dots, and with encoded slashes behind which a server might find them. */
function isDotSegment(segment: string): boolean {
  const decoded = segment.replace(/%2e/gi, '.');
  return decoded
    .split(/%2f|%5c|\\/i)
    .some((part) => part === '.' || part === '..' || part.startsWith('..;') || part.startsWith('.;'));
}

function requestHeaders(plane: RouterContext, exchange: Exchange): string[] {
  const headers = proxyRequestHeaders(exchange.request.rawHeaders);
  headers.push(HEADER.internalSecret, plane.internalSecret);
  addIds(headers, exchange.requestId);
  return headers;
}

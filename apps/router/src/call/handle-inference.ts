import { assertNever, HEADER, type Refusal } from '@ecolink/contracts';
import { resolveModel, type Target } from '../admission/resolve-target.js';
import { reservePayment } from '../admission/reserve-payment.js';
import { sizeOf } from '../admission/size-of-call.js';
import type { InferenceBody } from '../apis/body/parse-inference-body.js';
import { JOBS_AT_ONCE_MAX } from '../apis/video/open-jobs.js';
import type { Upload } from '../apis/multipart/upload.js';
import { readForm } from '../apis/multipart/read-form.js';
import type { UpstreamAnswer } from '../upstream/upstream.js';
import { addIds, inferenceRequestHeaders } from '../upstream/header-rules.js';
import type { Exchange } from '../listen/exchange.js';
import { readBody } from '../listen/read-body.js';
import { CallSettlement } from '../settlement/call-settlement.js';
import { isEventStream } from '../relay/answer-head.js';
import { isEncoded, refuseEncoded } from '../relay/refuse-encoded.js';
import { relayBytes } from '../relay/relay-bytes.js';
import { relayStream } from '../relay/relay-stream.js';
import { relayWhole, sendWhole } from '../relay/relay-whole.js';
import { affinityIn, placingHeaders } from '../routing/affinity.js';
import { attemptRegions } from '../routing/attempt-regions.js';
import { noHealthyPod } from '../routing/candidates.js';
import { admitCaller } from '../admission/admit-caller.js';
import { type RouterContext, refuse, refuseBody, retryHint, shareOf } from './router-context.js';
import { type InferenceApi, NOTHING_READ } from '../apis/api.js';
import { bodyLimitsOf, enterCall, noteWaited, takeSlot } from './enter-call.js';
import { evidenceOf } from '../routing/evidence-of.js';
import { readInferenceBody } from './read-long-body.js';
import { recordUnanswered } from './record-unanswered.js';

/** One inference call, from its key to its last byte. The order of the refusals is part of the product's contract. */
export async function handleInference(plane: RouterContext, exchange: Exchange, api: InferenceApi, query: string): Promise<void> {
  exchange.endpoint = api.path;
  // 1. Key, and 2. rate limit.
  const caller = admitCaller(plane, exchange, api.credential);
  if (caller.kind === 'refused') return refuse(plane, exchange, caller.refusal);

  // 3. The body: its bytes are kept, only what routing and metering need is read.
  const full = enterCall(plane, exchange, caller.value.key.account_id);
  if (full !== undefined) return refuse(plane, exchange, full);
  const hold = plane.bodies.open(caller.value.key.account_id);
  exchange.onOver(() => hold.release());
  const read = await (api.takes === 'form' ? readForm : readBody)(
    exchange.request,
    bodyLimitsOf(plane, caller.value.account),
    hold,
  );
  if (read.kind === 'client_gone') return;
  if (read.kind === 'refusal') return refuseBody(plane, exchange, read.refusal);
  const parsed = read.kind === 'bytes' ? await readInferenceBody(plane, api, caller.value.key.account_id, read.bytes) : read;
  if (parsed.kind === 'refusal') return refuse(plane, exchange, parsed.refusal);
  const { body } = parsed;
  exchange.model = body.model;

  // 4. to 6. The model id, its target, and whether this account may call it now.
  const target = resolveModel(plane.state, caller.value.key, body.model, api);
  if (target.kind === 'refused') return refuse(plane, exchange, target.refusal);

  if (api.isJob === true) {
    const accountId = caller.value.key.account_id;
    if (!plane.videos.begin(accountId, exchange.requestId)) return refuse(plane, exchange, tooManyJobs());
    exchange.onOver(() => plane.videos.callEnded(accountId, exchange.requestId));
  }

  // 7. Payment: what the call may cost is reserved until it is settled; so is room for its record.
  const payment = reservePayment(plane, exchange, caller.value, target.value, sizeOf(body, api));
  if (payment.kind === 'refused') return refuse(plane, exchange, payment.refusal);
  const recorder = new CallSettlement(
    plane,
    exchange,
    { caller: caller.value, target: target.value, endpoint: api.path },
    payment.value,
  );
  try {
    const accountId = caller.value.key.account_id;
    await serve(plane, exchange, { accountId, api, query, body, target: target.value, recorder });
  } finally {
    // 12. and 13. Settled when recorded; the reservations are given back whatever happened.
    recorder.close();
  }
}

function tooManyJobs(): Refusal {
  const message = `at most ${JOBS_AT_ONCE_MAX} video jobs of an account run at once; one is over when a poll of its id says so`;
  return { code: 'rate_limit_exceeded', message, retryAfterSeconds: JOBS_RETRY_SECONDS };
}

const JOBS_RETRY_SECONDS = 10;

interface AdmittedCall {
  readonly accountId: string;
  readonly api: InferenceApi;
  readonly query: string;
  readonly body: InferenceBody;
  readonly target: Target;
  readonly recorder: CallSettlement;
}

async function serve(
  plane: RouterContext,
  exchange: Exchange,
  { accountId, api, query, body, target, recorder }: AdmittedCall,
): Promise<void> {
  // 8. Candidates: regions with a healthy pod, in their turn, those that failed of late last.
  const { strategy = 'round_robin' } = target.instance;
  const placing = placingHeaders({
    strategy,
    accountId,
    instanceId: target.instance.instance_id,
    headers: exchange.request.rawHeaders,
    body,
  });
  const route = plane.candidates.route(target.instance, target.regions, affinityIn(placing));
  if (route.candidates.length === 0) {
    noteWaited(plane, target, accountId);
    return refuse(plane, exchange, noHealthyPod(target.instance));
  }

  const noSlot = takeSlot(plane, exchange, { target, accountId, candidates: route.candidates });
  if (noSlot !== undefined) return refuse(plane, exchange, noSlot);

  // 9. Attempts, until one answers.
  const askForUsage = api.reportsStreamUsage && target.instance.inject_stream_usage;
  const { upload } = body;
  const model = target.servedModelName;
  const rewritten = api.rewriteBody(body, { model, askForUsage });
  const bytes = Buffer.isBuffer(rewritten) ? rewritten : await rewritten;
  const headers = requestHeaders(plane, exchange, bodyLength(bytes, upload, model));
  headers.push(...placing);
  const path = `/${target.instance.instance_id}${api.path}${query}`;
  const deadlineMs = exchange.startedAtMs + plane.limits.totalTimeoutMs;
  const overheadMs = exchange.elapsedMs();
  recorder.sentOn(overheadMs);
  const result = await attemptRegions(exchange, {
    candidates: route.candidates,
    evidence: evidenceOf(plane, target, route),
    noPod: () => {
      noteWaited(plane, target, accountId);
      return noHealthyPod(target.instance);
    },
    send: ({ gatewayUrl, region }, triedPods) => {
      exchange.onOver(route.loads.enter(region));
      const told = route.podFailures.takeHeadersFor(region, headers, triedOf(api, triedPods));
      const payload = upload?.payloadFor(model) ?? bytes;
      return plane.upstreams.send(gatewayUrl, { method: 'POST', path, headers: told, body: payload, deadlineMs });
    },
    repeatableAfterLoss: true,
    retriesStatuses: true,
    bodyIsWhole: () => upload === undefined || upload.isRepeatable,
  });

  // 10. and 11. Relay while metering; the journal is written before the last byte goes out.
  switch (result.kind) {
    case 'client_gone':
      return recordUnanswered(recorder, result, api.unitsOf(body, NOTHING_READ));
    case 'refused':
      recordUnanswered(recorder, result, api.unitsOf(body, NOTHING_READ));
      if (upload?.failure !== undefined) return refuseBody(plane, exchange, upload.failure);
      return refuse(plane, exchange, result.refusal, retryHint(result.refusal));
    case 'kept_answer':
      return await sendWhole(exchange, result.kept, { region: result.kept.region, target, overheadMs }, recorder, { api, body });
    case 'answer': {
      const { answer, region } = result;
      if (answer.status < 400 && isEncoded(answer)) return refuseEncoded(exchange, answer, region, recorder);
      const isStream = answer.status < 400 && isEventStream(answer.header('content-type'));
      const servedBy = { region, target, overheadMs };
      const relayOptions = { ...plane.limits, api, body, clientWantsUsage: body.clientWantsUsage };
      if (isStream) {
        const share = shareOf(plane, exchange, accountId);
        return await relayStream(exchange, answer, servedBy, recorder, { ...relayOptions, share });
      }
      const relay = api.answers === 'bytes' && answer.status < 400 ? relayBytes : relayWhole;
      if (api.isJob === undefined) return await relay(exchange, answer, servedBy, recorder, relayOptions);
      const job = { accountId, instanceId: target.instance.instance_id, model: body.model, region, pod: podOf(answer) };
      const rewrite = (bytes: Buffer): Buffer => plane.videos.accepted(bytes, job, exchange.requestId);
      return await relay(exchange, answer, servedBy, recorder, { ...relayOptions, rewrite });
    }
    default:
      return assertNever(result);
  }
}

/** An id that no pod has. */
const NO_POD = ['-'];

/** A gateway names the pod that answers where a call has tried others: a job wants to know. */
function triedOf(api: InferenceApi, triedPods: readonly string[]): readonly string[] {
  return api.isJob === true && triedPods.length === 0 ? NO_POD : triedPods;
}

function podOf(answer: UpstreamAnswer): string | null {
  return answer.header(HEADER.pod) ?? null;
}

/** Undefined where it comes in pieces whose sum was not announced. */
function bodyLength(bytes: Buffer, upload: Upload | undefined, model: string): number | undefined {
  return upload === undefined ? bytes.length : upload.lengthFor(model);
}

/** @param contentLength undefined where the body comes in pieces of which no sum was announced. */
function requestHeaders(plane: RouterContext, exchange: Exchange, contentLength: number | undefined): string[] {
  const headers = inferenceRequestHeaders(exchange.request.rawHeaders);
  if (contentLength !== undefined) headers.push('content-length', String(contentLength));
  // The answer is read for its usage, so it must come as it is.
  headers.push('accept-encoding', 'identity');
  headers.push(HEADER.internalSecret, plane.internalSecret);
  addIds(headers, exchange.requestId);
  return headers;
}

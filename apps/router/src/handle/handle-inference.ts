import { assertNever, HEADER } from '@ecolink/contracts';
import { resolveModel, type Target } from '../access/resolve-target.js';
import { reservePayment } from '../access/reserve-payment.js';
import { type InferenceBody, parseInferenceBody } from '../body/parse-inference-body.js';
import { rewriteBody } from '../body/rewrite-body.js';
import { inferenceRequestHeaders } from '../forward/header-rules.js';
import type { Exchange } from '../http/exchange.js';
import { readBody } from '../http/read-body.js';
import { CallRecorder } from '../metering/call-recorder.js';
import { isEventStream } from '../relay/answer-head.js';
import { relayStream } from '../relay/relay-stream.js';
import { relayWhole, sendWhole } from '../relay/relay-whole.js';
import { attemptRegions } from '../routing/attempt-regions.js';
import { noHealthyPod } from '../routing/candidates.js';
import { admitCaller } from './admit-caller.js';
import { type DataPlane, refuse, refuseBody, retryHint } from './data-plane.js';
import type { InferenceEndpoint } from './endpoints.js';
import { evidenceOf } from './evidence-of.js';
import { recordUnanswered } from './record-unanswered.js';

/** One inference call, from its key to its last byte. The order of the refusals is part of the product's contract. */
export async function handleInference(
  plane: DataPlane,
  exchange: Exchange,
  endpoint: InferenceEndpoint,
  query: string,
): Promise<void> {
  // 1. Key, and 2. rate limit.
  const caller = admitCaller(plane, exchange);
  if (caller.kind === 'refused') return refuse(plane, exchange, caller.refusal);

  // 3. The body: its bytes are kept, only what routing and metering need is read.
  const hold = plane.bodies.open(caller.value.key.account_id);
  exchange.onOver(() => hold.release());
  const read = await readBody(exchange.request, plane.limits, hold);
  if (read.kind === 'client_gone') return;
  if (read.kind === 'refusal') return refuseBody(plane, exchange, read.refusal);
  const parsed = parseInferenceBody(read.bytes);
  if (parsed.kind === 'refusal') return refuse(plane, exchange, parsed.refusal);
  const { body } = parsed;

  // 4. to 6. The model id, its target, and whether this account may call it now.
  const target = resolveModel(plane.state, caller.value.key.account_id, body.model, endpoint.category);
  if (target.kind === 'refused') return refuse(plane, exchange, target.refusal);

  // 7. Payment: what the call may cost is reserved until it is settled; so is room for its record.
  const payment = reservePayment(plane.journal, caller.value, target.value, body);
  if (payment.kind === 'refused') return refuse(plane, exchange, payment.refusal);
  const recorder = new CallRecorder(
    plane,
    exchange,
    { caller: caller.value, target: target.value, endpoint: endpoint.path },
    payment.value,
  );
  try {
    await serve(plane, exchange, { endpoint, query, body, target: target.value, recorder });
  } finally {
    // 12. and 13. Settled when recorded; the reservations are given back whatever happened.
    recorder.close();
  }
}

interface AdmittedCall {
  readonly endpoint: InferenceEndpoint;
  readonly query: string;
  readonly body: InferenceBody;
  readonly target: Target;
  readonly recorder: CallRecorder;
}

async function serve(
  plane: DataPlane,
  exchange: Exchange,
  { endpoint, query, body, target, recorder }: AdmittedCall,
): Promise<void> {
  // 8. Candidates: regions with a healthy pod, in their turn, those that failed of late last.
  const route = plane.candidates.route(target.instance);
  if (route.candidates.length === 0) return refuse(plane, exchange, noHealthyPod(target.instance));

  // 9. Attempts, until one answers.
  const askForUsage = endpoint.reportsStreamUsage && target.instance.inject_stream_usage;
  const bytes = rewriteBody(body, { model: target.servedModelName, askForUsage });
  const headers = requestHeaders(plane, exchange, bytes.length);
  const path = `/${target.instance.instance_id}${endpoint.path}${query}`;
  const deadlineMs = exchange.startedAtMs + plane.limits.totalTimeoutMs;
  const overheadMs = exchange.elapsedMs();
  recorder.sentOn(overheadMs);
  const result = await attemptRegions(exchange, {
    candidates: route.candidates,
    evidence: evidenceOf(plane, target, route),
    noPod: () => noHealthyPod(target.instance),
    send: ({ gatewayUrl, region }, triedPods) => {
      exchange.onOver(route.loads.enter(region));
      const told = route.podFailures.headersTo(region, headers, triedPods);
      return plane.upstreams.send(gatewayUrl, { method: 'POST', path, headers: told, body: bytes, deadlineMs });
    },
    repeatableAfterLoss: true,
    retriesStatuses: true,
    bodyIsWhole: () => true,
  });

  // 10. and 11. Relay while metering; the journal is written before the last byte goes out.
  const { promptBytes } = body;
  switch (result.kind) {
    case 'client_gone':
      return recordUnanswered(recorder, result, promptBytes);
    case 'refused':
      recordUnanswered(recorder, result, promptBytes);
      return refuse(plane, exchange, result.refusal, retryHint(result.refusal));
    case 'kept_answer':
      return await sendWhole(exchange, result.kept, { region: result.kept.region, target, overheadMs }, recorder, promptBytes);
    case 'answer': {
      const { answer, region } = result;
      const isStream = answer.status < 400 && isEventStream(answer.header('content-type'));
      const { answerBytesMax, heartbeatIntervalMs } = plane.limits;
      const relayOptions = { promptBytes, clientWantsUsage: body.clientWantsUsage, answerBytesMax, heartbeatIntervalMs };
      return await (isStream ? relayStream : relayWhole)(
        exchange,
        answer,
        { region, target, overheadMs },
        recorder,
        relayOptions,
      );
    }
    default:
      return assertNever(result);
  }
}

function requestHeaders(plane: DataPlane, exchange: Exchange, contentLength: number): string[] {
  const headers = inferenceRequestHeaders(exchange.request.rawHeaders);
  headers.push('content-length', String(contentLength));
  // The answer is read for its usage, so it must come as it is.
  headers.push('accept-encoding', 'identity');
  headers.push(HEADER.internalSecret, plane.internalSecret, HEADER.requestId, exchange.requestId);
  return headers;
}

import { assertNever, HEADER, type KeyState } from '@ecolink/contracts';
import { admitCaller } from '../admission/admit-caller.js';
import { resolveModel } from '../admission/resolve-target.js';
import { INFERENCE_ENDPOINTS } from '../apis/endpoints.js';
import type { VideoJob } from '../apis/video/job-id.js';
import type { Exchange } from '../listen/exchange.js';
import { relayedHeaders, type ServedBy } from '../relay/answer-head.js';
import { collect } from '../relay/relay-whole.js';
import { cutRefusal } from '../relay/cut-refusal.js';
import { attemptRegions } from '../routing/attempt-regions.js';
import { noHealthyPod } from '../routing/candidates.js';
import { evidenceOf } from '../routing/evidence-of.js';
import { recordFailedJob } from '../settlement/record-failed-job.js';
import type { UpstreamAnswer } from '../upstream/upstream.js';
import { addIds, inferenceRequestHeaders } from '../upstream/header-rules.js';
import { type RouterContext, refuse, retryHint } from './router-context.js';

const PATH = '/v1/video/generations';

/** `GET /v1/video/generations/{id}`: asks the pod that has the job. It costs nothing but a request of the rate limit. */
export async function handleVideoPoll(plane: RouterContext, exchange: Exchange, ours: string): Promise<void> {
  const caller = admitCaller(plane, exchange);
  if (caller.kind === 'refused') return refuse(plane, exchange, caller.refusal);
  const { key } = caller.value;
  const job = plane.videos.find(ours);
  const api = INFERENCE_ENDPOINTS.get(PATH);
  // A forged id and another account's are the same to a caller.
  if (job?.accountId !== key.account_id || api === undefined) return refuse(plane, exchange, noSuchJob());
  const resolved = resolveModel(plane.state, key, job.model, api);
  if (resolved.kind === 'refused') return refuse(plane, exchange, resolved.refusal);
  const target = resolved.value;
  if (target.instance.instance_id !== job.instanceId) return refuse(plane, exchange, noSuchJob());

  const route = plane.candidates.route(target.instance);
  const headers = inferenceRequestHeaders(exchange.request.rawHeaders);
  headers.push('accept-encoding', 'identity', HEADER.internalSecret, plane.internalSecret);
  addIds(headers, exchange.requestId);
  const overheadMs = exchange.elapsedMs();
  const result = await attemptRegions(exchange, {
    // The job is in one region, on one pod: the others are named as tried, and left alone while that one is there.
    candidates: route.candidates.filter(({ region }) => region === job.region),
    evidence: evidenceOf(plane, target, route),
    noPod: () => noHealthyPod(target.instance),
    send: ({ gatewayUrl, region }) => {
      exchange.onOver(route.loads.enter(region));
      return plane.upstreams.send(gatewayUrl, {
        method: 'GET',
        path: `/${job.instanceId}${PATH}/${encodeURIComponent(job.id)}`,
        headers: route.podFailures.takeHeadersFor(region, headers, otherPods(plane, job)),
        body: null,
        deadlineMs: exchange.startedAtMs + plane.limits.totalTimeoutMs,
      });
    },
    repeatableAfterLoss: true,
    retriesStatuses: false,
    bodyIsWhole: () => true,
  });
  switch (result.kind) {
    case 'client_gone':
    case 'kept_answer':
      return;
    case 'refused':
      return refuse(plane, exchange, result.refusal, retryHint(result.refusal));
    case 'answer':
      return await answerPoll(plane, exchange, result.answer, { region: result.region, target, overheadMs }, { job, ours, key });
    default:
      return assertNever(result);
  }
}

interface PolledJob {
  readonly job: VideoJob;
  /** Its id as the client knows it. */
  readonly ours: string;
  readonly key: KeyState;
}

async function answerPoll(
  plane: RouterContext,
  exchange: Exchange,
  answer: UpstreamAnswer,
  servedBy: ServedBy,
  { job, ours, key }: PolledJob,
): Promise<void> {
  const read = await collect(exchange, answer, plane.limits);
  switch (read.kind) {
    case 'client_gone':
      return;
    case 'too_large':
      return refuse(plane, exchange, { code: 'upstream_error', message: 'the answer of the model server is too large' });
    case 'cut':
      return refuse(plane, exchange, cutRefusal(read.why), { 'x-should-retry': 'false' });
    case 'whole': {
      const polled = answer.status < 400 ? plane.videos.polled(read.body, job, ours) : { answer: read.body, hasFailed: false };
      if (polled.hasFailed && !refund(plane, exchange, { job, ours, key }, servedBy))
        return refuse(plane, exchange, JOURNAL_FULL);
      const headers = relayedHeaders(exchange, answer.plainHeaders, servedBy);
      headers.push('content-length', String(polled.answer.length));
      exchange.response.writeHead(answer.status, headers);
      exchange.response.end(polled.answer);
    }
  }
}

/** What a failed job cost is given back, however often it is asked for. False where that cannot be recorded now. */
function refund(plane: RouterContext, exchange: Exchange, { job, ours, key }: PolledJob, { region, target }: ServedBy): boolean {
  const { requestId } = job;
  if (requestId === undefined || !plane.videos.isToBeRefunded(ours)) return true;
  if (!recordFailedJob(plane, exchange, { key, target, endpoint: PATH, region, requestId })) return false;
  plane.videos.noteRefunded(ours);
  plane.logger.info({ event: 'video.failed', request_id: exchange.requestId, refund_of: requestId, account_id: job.accountId });
  return true;
}

const JOURNAL_FULL = {
  code: 'usage_journal_full',
  message: 'usage cannot be recorded at the moment; try again',
  retryAfterSeconds: 5,
} as const;

/** The pods of the job's region that do not have it. */
function otherPods({ state }: RouterContext, job: VideoJob): readonly string[] {
  const pods = state.health.get(String(job.instanceId))?.pods ?? [];
  if (job.pod === null) return [];
  return pods.filter(({ region, pod_id: pod }) => region === job.region && pod !== job.pod).map(({ pod_id: pod }) => pod);
}

function noSuchJob() {
  return {
    code: 'not_found',
    message: 'there is no such video job; ids are those that POST /v1/video/generations gave',
    param: 'id',
  } as const;
}

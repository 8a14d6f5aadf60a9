import type { ProbeTarget } from '../pods/pod-spec.js';
import type { ProbeResult } from './pod-health.js';
import type { ProbeAnswer } from './send-probe.js';

/** Sends one GET to the pod. */
export type SendProbe = (path: string) => Promise<ProbeAnswer>;

const HEALTH_PATH = '/health';
const MODELS_PATH = '/v1/models';

/**
 * One probe, by what is known about the pod: its own health path where one is given; otherwise `/health`, or `/v1/models` of
 * servers that have no such path; and for servers that are not OpenAI-compatible any answer at all that is no server error.
 */
export async function probePod(target: ProbeTarget, send: SendProbe, isCallInFlight: () => boolean): Promise<ProbeResult> {
  if (target.healthPath !== null) {
    const path = target.healthPath.startsWith('/') ? target.healthPath : `/${target.healthPath}`;
    return judge(path, await send(path), isCallInFlight, isSuccess);
  }
  if (!target.openaiCompatible) return judge('/', await send('/'), isCallInFlight, (status) => status < 500);
  const health = await send(HEALTH_PATH);
  if (health.kind !== 'status' || health.status !== 404) return judge(HEALTH_PATH, health, isCallInFlight, isSuccess);
  // A server that answers is alive. Some hold their model while they list it, and end a running generation for that.
  if (isCallInFlight()) return { kind: 'ok', status: health.status };
  return judge(MODELS_PATH, await send(MODELS_PATH), isCallInFlight, isSuccess);
}

function judge(
  path: string,
  answer: ProbeAnswer,
  isCallInFlight: () => boolean,
  isGood: (status: number) => boolean,
): ProbeResult {
  switch (answer.kind) {
    case 'unreachable':
      return answer;
    case 'timeout':
      return { kind: 'timeout', callInFlight: isCallInFlight() };
    case 'status':
      if (isGood(answer.status)) return { kind: 'ok', status: answer.status };
      return { kind: 'unhealthy', status: answer.status, reason: reasonOf(path, answer.status) };
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 400;
}

function reasonOf(path: string, status: number): string {
  if (status === 401 || status === 403) return `the pod refuses its key (GET ${path} answered ${status})`;
  return `GET ${path} answered ${status}`;
}

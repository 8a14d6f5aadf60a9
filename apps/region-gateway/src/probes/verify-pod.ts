import { z } from 'zod';
import type { ProbeResult } from './pod-health.js';
import type { ProbeAnswer } from './send-probe.js';

const MODELS_PATH = '/v1/models';
const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });
const NAMED_MAX = 3;
const NAME_LENGTH_MAX = 100;

/**
 * What a pod must show once before it gets calls: its health path says that a process runs, its list of models that it
 * takes our key and serves the model. Servers without such a list are taken as they are.
 */
export async function verifyPod(servedModelName: string, send: (path: string) => Promise<ProbeAnswer>): Promise<ProbeResult> {
  const answer = await send(MODELS_PATH);
  if (answer.kind === 'unreachable') return answer;
  if (answer.kind === 'timeout') return { kind: 'timeout', callInFlight: false };
  const { status, body = '' } = answer;
  if (status === 401 || status === 403)
    return unhealthy(status, `the pod refuses its key (GET ${MODELS_PATH} answered ${status})`);
  if (status >= 500 && status !== 501) return unhealthy(status, `GET ${MODELS_PATH} answered ${status}`);
  const listed = status < 300 ? namesIn(body) : undefined;
  if (listed === undefined || listed.some((name) => isSame(name, servedModelName))) return { kind: 'ok', status };
  return unhealthy(status, `the pod does not serve "${servedModelName}": ${MODELS_PATH} lists ${shown(listed)}`);
}

function unhealthy(status: number, reason: string): ProbeResult {
  return { kind: 'unhealthy', status, reason };
}

/** `undefined` where the answer is no list of models. */
function namesIn(body: string): string[] | undefined {
  try {
    return modelList.parse(JSON.parse(body)).data.map((model) => model.id);
  } catch {
    return undefined;
  }
}

/** Ollama lists a model with its tag, and takes the name without it. */
function isSame(listed: string, wanted: string): boolean {
  return listed === wanted || listed === `${wanted}:latest`;
}

function shown(names: readonly string[]): string {
  if (names.length === 0) return 'no model';
  const first = names.slice(0, NAMED_MAX).map((name) => `"${name.slice(0, NAME_LENGTH_MAX)}"`);
  return names.length > NAMED_MAX ? `${first.join(', ')} and ${names.length - NAMED_MAX} more` : first.join(', ');
}

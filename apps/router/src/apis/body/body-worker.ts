// Runs in a thread of its own: reads large bodies, one after the other. Each comes as `BodyJob`, and goes back as `BodyJobResult`.
import { parentPort } from 'node:worker_threads';
import { INFERENCE_ENDPOINTS } from '../endpoints.js';
import type { BodyJob, BodyJobResult } from './large-bodies.js';
import type { InferenceBody } from './parse-inference-body.js';

const NOTHING = Buffer.alloc(0);

parentPort?.on('message', ({ path, buffer }: BodyJob) => {
  const api = INFERENCE_ENDPOINTS.get(path);
  if (api === undefined) throw new Error(`no inference endpoint: ${path}`);
  const result = api.readBody(Buffer.from(buffer));
  const answer: BodyJobResult = result.kind === 'refusal' ? result : { kind: 'body', body: withoutBytes(result.body), buffer };
  parentPort?.postMessage(answer, result.kind === 'refusal' ? [] : [buffer]);
});

/** The bytes travel beside it. */
function withoutBytes(body: InferenceBody): InferenceBody {
  return { ...body, bytes: NOTHING };
}

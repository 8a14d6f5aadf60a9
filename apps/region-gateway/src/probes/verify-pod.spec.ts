import { verifyPod } from './verify-pod.js';
import type { ProbeAnswer } from './send-probe.js';

const answering = (status: number, body?: unknown) => async (): Promise<ProbeAnswer> => ({
  kind: 'status',
  status,
  ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
});
const list = (...ids: string[]) => ({ data: ids.map((id) => ({ id })) });

it.each([
  ['lists the served name', answering(200, list('other', 'my-llama'))],
  ['lists it with the tag that Ollama adds', answering(200, list('my-llama:latest'))],
  ['has no such path', answering(404, 'not found')],
  ['answers with something that is no list', answering(200, 'ok')],
])('a pod that %s may get calls', async (_what, send) => {
  expect(await verifyPod('my-llama', send)).toMatchObject({ kind: 'ok' });
});

it.each([
  ['refuses its key', answering(401, '{}'), 'the pod refuses its key (GET /v1/models answered 401)'],
  ['forbids its key', answering(403, '{}'), 'the pod refuses its key (GET /v1/models answered 403)'],
  ['serves another model', answering(200, list('a', 'b')), 'the pod does not serve "my-llama": /v1/models lists "a", "b"'],
  ['serves none yet', answering(200, list()), 'the pod does not serve "my-llama": /v1/models lists no model'],
  ['is still loading', answering(503, ''), 'GET /v1/models answered 503'],
])('a pod that %s gets none, and the reason is told', async (_what, send, reason) => {
  expect(await verifyPod('my-llama', send)).toMatchObject({ kind: 'unhealthy', reason });
});

import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@ecolink/runtime';
import { AggregatorRegistry, type RegistryContentType } from 'prom-client';
import { WORKER_VARIABLE } from '../environment.js';
import { isMetricsRequest, type MetricsAnswer } from './worker-metrics.js';

const RESTART_FIRST_MS = 250;
const RESTART_MAX_MS = 5_000;
/** A worker that lived so long starts again at once. */
const SETTLED_MS = 60_000;

/**
 * One router on several cores: each worker is a router of its own with its own journal, and all of them take connections
 * from the same port. A worker that dies is started again under its number, after growing pauses; when none has ever
 * listened the start has failed. SIGTERM drains all of them. Workers end when this process does.
 */
export async function runPrimary(workers: number): Promise<void> {
  const logger = createLogger('router');
  const all = new AggregatorRegistry();
  let isEnding = false;
  let hasListened = false;
  cluster.on('listening', () => (hasListened = true));
  cluster.on('message', (worker: Worker, message: unknown) => {
    if (isMetricsRequest(message)) void answerMetrics(all, worker, message.id);
  });
  const end = (): void => {
    isEnding = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);

  const keepRunning = async (number: number): Promise<number> => {
    for (let pauseMs = RESTART_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, RESTART_MAX_MS)) {
      const startedAtMs = Date.now();
      const code = await runWorker(number);
      if (isEnding || !hasListened) return code;
      if (Date.now() - startedAtMs > SETTLED_MS) pauseMs = RESTART_FIRST_MS;
      logger.error({ event: 'worker.ended', worker: number, code, retry_in_ms: pauseMs });
      await delay(pauseMs);
      // Asked to end meanwhile: TypeScript takes the flag for what it was before the pause.
      if (isEnding as boolean) return code;
    }
  };
  const codes = await Promise.all(Array.from({ length: workers }, (_unused, index) => keepRunning(index + 1)));
  process.exit(Math.max(...codes));
}

/** Resolves with the exit code; 1 for a signal. */
function runWorker(number: number): Promise<number> {
  const worker = cluster.fork({ [WORKER_VARIABLE]: String(number) });
  return new Promise((resolve) => worker.once('exit', (code: number | null) => resolve(code ?? 1)));
}

async function answerMetrics(
  all: Pick<AggregatorRegistry<RegistryContentType>, 'clusterMetrics'>,
  worker: Worker,
  id: number,
): Promise<void> {
  const answer: MetricsAnswer = await all.clusterMetrics().then(
    (text) => ({ kind: 'ecolink:metrics', id, text }),
    (error: unknown) => ({ kind: 'ecolink:metrics', id, problem: String(error) }),
  );
  if (worker.isConnected()) worker.send(answer);
}

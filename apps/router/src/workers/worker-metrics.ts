import { AggregatorRegistry, type Registry } from 'prom-client';

interface MetricsRequest {
  readonly kind: 'ecolink:metrics-wanted';
  readonly id: number;
}

export interface MetricsAnswer {
  readonly kind: 'ecolink:metrics';
  readonly id: number;
  readonly text?: string;
  readonly problem?: string;
}

const ANSWER_TIMEOUT_MS = 10_000;

export function isMetricsRequest(message: unknown): message is MetricsRequest {
  return (message as { kind?: unknown } | null)?.kind === 'ecolink:metrics-wanted';
}

/**
 * Whichever worker is asked for metrics answers for all of them, through the primary. Counts and bytes are summed up, of
 * ages and sizes of the state the highest counts.
 */
export function metricsOfAllWorkers(registries: Registry[]): () => Promise<string> {
  AggregatorRegistry.setRegistries(registries);
  // Listens for the primary's question.
  new AggregatorRegistry();
  const waiting = new Map<number, (answer: MetricsAnswer) => void>();
  let asked = 0;
  process.on('message', (message: MetricsAnswer) => {
    if (message.kind === 'ecolink:metrics') waiting.get(message.id)?.(message);
  });
  return async () => {
    const id = (asked += 1);
    const { promise, resolve, reject } = Promise.withResolvers<MetricsAnswer>();
    const late = setTimeout(() => reject(new Error('the other workers did not answer')), ANSWER_TIMEOUT_MS);
    waiting.set(id, resolve);
    process.send?.({ kind: 'ecolink:metrics-wanted', id } satisfies MetricsRequest);
    try {
      const { text, problem } = await promise;
      if (text === undefined) throw new Error(problem);
      return text;
    } finally {
      clearTimeout(late);
      waiting.delete(id);
    }
  };
}

import type { Category } from '@ecolink/contracts';

export interface InferenceEndpoint {
  readonly path: string;
  readonly category: Category;
  /** Streams of this endpoint can be asked for usage frames. */
  readonly reportsStreamUsage: boolean;
}

/** The inference endpoints that are served, by path. */
export const INFERENCE_ENDPOINTS: ReadonlyMap<string, InferenceEndpoint> = new Map(
  [
    { path: '/v1/chat/completions', category: 'chat', reportsStreamUsage: true } as const,
    { path: '/v1/completions', category: 'chat', reportsStreamUsage: true } as const,
    { path: '/v1/embeddings', category: 'embedding', reportsStreamUsage: false } as const,
  ].map((endpoint) => [endpoint.path, endpoint]),
);

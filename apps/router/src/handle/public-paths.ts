import type { Exchange } from '../http/exchange.js';
import type { DataPlane } from './data-plane.js';
import { getModel, listModels, listPlatformModels } from './list-models.js';

/**
 * What a router answers besides the inference endpoints and what it passes on to owners. `template` is the path's name in
 * the published API, which the tests hold against these lists.
 */
interface ReadEndpoint {
  readonly template: string;
  readonly pattern: RegExp;
  /** `parameter` is the pattern's group, as the client wrote it. */
  readonly answer: (plane: DataPlane, exchange: Exchange, parameter: string) => void;
}

/** Answered to GET alone. */
export const READ_ENDPOINTS: readonly ReadEndpoint[] = [
  { template: '/v1/models', pattern: /^\/v1\/models$/, answer: listModels },
  { template: '/v1/models/{id}', pattern: /^\/v1\/models\/(.+)$/s, answer: getModel },
  { template: '/platform/models', pattern: /^\/platform\/models$/, answer: listPlatformModels },
];

/** Taken with every method. */
export const PROXY = {
  template: '/inference-instances/{id}/proxy/{path}',
  pattern: /^\/inference-instances\/([^/]*)\/proxy(?:\/(.*))?$/s,
} as const;

/** Paths of the public listener that the service's own routes answer. */
export const SERVICE_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/openapi.json']);

/** On the operators' listener. */
export const METRICS_PATH = '/metrics';

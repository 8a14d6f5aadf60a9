import type { Exchange } from './exchange.js';
import { handleVideoPoll } from '../call/handle-video-poll.js';
import type { RouterContext } from '../call/router-context.js';
import { getModel, listModels, listPlatformModels } from '../apis/list-models.js';

/**
 * What a router answers besides the inference endpoints and what it passes on to owners. `template` is the path's name in
 * the published API, which the tests hold against these lists.
 */
interface ReadEndpoint {
  readonly template: string;
  readonly pattern: RegExp;
  /** `parameter` is the pattern's group, as the client wrote it. */
  readonly answer: (plane: RouterContext, exchange: Exchange, parameter: string) => void | Promise<void>;
}

/** Answered to GET alone. */
export const READ_ENDPOINTS: readonly ReadEndpoint[] = [
  { template: '/v1/models', pattern: /^\/v1\/models$/, answer: listModels },
  { template: '/v1/models/{id}', pattern: /^\/v1\/models\/(.+)$/s, answer: getModel },
  { template: '/v1/video/generations/{id}', pattern: /^\/v1\/video\/generations\/(.+)$/s, answer: handleVideoPoll },
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

/** Of the web console, on the public listener. */
export const CONSOLE_PATH = '/console';

/** Of the operators' pages, on their listener. */
export const OPERATOR_PATH = '/operator';

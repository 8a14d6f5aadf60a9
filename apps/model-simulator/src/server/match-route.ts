import type { Category } from '../options/settings.js';

export type RouteName = 'health' | 'root' | 'models' | 'stats' | 'faults' | InferenceRouteName;

/** Routes that a model serves, with all that a model can suffer. */
export type InferenceRouteName =
  | 'chat-completions'
  | 'completions'
  | 'responses'
  | 'messages'
  | 'count-tokens'
  | 'embeddings'
  | 'rerank'
  | 'image-generations'
  | 'image-edits'
  | 'speech'
  | 'transcriptions'
  | 'create-video'
  | 'read-video'
  | 'generate'
  | 'echo';

export type RouteMatch =
  | { readonly kind: 'route'; readonly name: RouteName }
  | { readonly kind: 'wrong-method'; readonly allow: string }
  | { readonly kind: 'wrong-category'; readonly served: Category }
  | { readonly kind: 'not-found' };

interface FixedRoute {
  readonly name: RouteName;
  readonly methods: readonly string[];
  /** Absent = every category. */
  readonly category?: Category;
}

const READ = ['GET', 'HEAD'];
const FIXED: ReadonlyMap<string, FixedRoute> = new Map([
  ['/', { name: 'root', methods: READ }],
  ['/health', { name: 'health', methods: READ }],
  ['/v1/models', { name: 'models', methods: READ }],
  ['/_simulator/stats', { name: 'stats', methods: READ }],
  ['/_simulator/faults', { name: 'faults', methods: ['GET', 'PUT'] }],
  ['/v1/chat/completions', { name: 'chat-completions', methods: ['POST'], category: 'chat' }],
  ['/v1/completions', { name: 'completions', methods: ['POST'], category: 'chat' }],
  ['/v1/responses', { name: 'responses', methods: ['POST'], category: 'chat' }],
  ['/v1/messages', { name: 'messages', methods: ['POST'], category: 'chat' }],
  ['/v1/messages/count_tokens', { name: 'count-tokens', methods: ['POST'], category: 'chat' }],
  ['/v1/rerank', { name: 'rerank', methods: ['POST'], category: 'reranker' }],
  ['/v2/rerank', { name: 'rerank', methods: ['POST'], category: 'reranker' }],
  ['/rerank', { name: 'rerank', methods: ['POST'], category: 'reranker' }],
  ['/v1/images/generations', { name: 'image-generations', methods: ['POST'], category: 'image' }],
  ['/v1/images/edits', { name: 'image-edits', methods: ['POST'], category: 'image' }],
  ['/v1/audio/speech', { name: 'speech', methods: ['POST'], category: 'audio' }],
  ['/v1/audio/transcriptions', { name: 'transcriptions', methods: ['POST'], category: 'audio' }],
  ['/v1/audio/translations', { name: 'transcriptions', methods: ['POST'], category: 'audio' }],
  ['/v1/video/generations', { name: 'create-video', methods: ['POST'], category: 'video' }],
  ['/v1/embeddings', { name: 'embeddings', methods: ['POST'], category: 'embedding' }],
  ['/generate', { name: 'generate', methods: ['POST'] }],
] satisfies [string, FixedRoute][]);

const VIDEO_PATTERN = /^\/v1\/video\/generations\/[^/]+$/;
const VIDEO: FixedRoute = { name: 'read-video', methods: READ, category: 'video' };

/** Finds what serves a request; `path` is as received, without the query. */
export function matchRoute(method: string, path: string, category: Category): RouteMatch {
  if (category === 'custom' && path === '/generate') return { kind: 'route', name: 'generate' };
  if (category === 'custom' && path.startsWith('/generate/')) return { kind: 'route', name: 'echo' };
  if (path === '/echo' || path.startsWith('/echo/')) return { kind: 'route', name: 'echo' };
  const route = FIXED.get(path) ?? (VIDEO_PATTERN.test(path) ? VIDEO : undefined);
  if (route === undefined) return { kind: 'not-found' };
  if (route.category !== undefined && route.category !== category) return { kind: 'wrong-category', served: route.category };
  if (!route.methods.includes(method)) return { kind: 'wrong-method', allow: route.methods.join(', ') };
  return { kind: 'route', name: route.name };
}

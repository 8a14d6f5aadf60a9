import type { Category } from '../options/settings.js';

export type RouteName =
  'health' | 'root' | 'models' | 'stats' | 'faults' | 'chat-completions' | 'completions' | 'embeddings' | 'generate' | 'echo';

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
  ['/v1/embeddings', { name: 'embeddings', methods: ['POST'], category: 'embedding' }],
  ['/generate', { name: 'generate', methods: ['POST'] }],
] satisfies [string, FixedRoute][]);

/** Finds what serves a request; `path` is as received, without the query. */
export function matchRoute(method: string, path: string, category: Category): RouteMatch {
  if (category === 'custom' && path === '/generate') return { kind: 'route', name: 'generate' };
  if (category === 'custom' && path.startsWith('/generate/')) return { kind: 'route', name: 'echo' };
  if (path === '/echo' || path.startsWith('/echo/')) return { kind: 'route', name: 'echo' };
  const route = FIXED.get(path);
  if (route === undefined) return { kind: 'not-found' };
  if (route.category !== undefined && route.category !== category) return { kind: 'wrong-category', served: route.category };
  if (!route.methods.includes(method)) return { kind: 'wrong-method', allow: route.methods.join(', ') };
  return { kind: 'route', name: route.name };
}

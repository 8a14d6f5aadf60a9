import { HEADER } from '@ecolink/contracts';
import type { Target } from '../access/resolve-target.js';
import { podResponseHeaders, type RawHeader } from '../forward/header-rules.js';
import type { Exchange } from '../http/exchange.js';

/** What the router adds to an answer about itself. */
export interface ServedBy {
  readonly region: string;
  readonly target: Target;
  /** Milliseconds that the router itself took before it sent the request on. */
  readonly overheadMs: number;
}

/** Headers of a relayed answer, as a flat raw list: the pod's, less what it must not say, and ours. */
export function relayedHeaders(
  exchange: Exchange,
  headers: readonly RawHeader[],
  servedBy: ServedBy,
  dropped: readonly string[] = [],
): string[] {
  const raw: string[] = [];
  for (const [name, value] of podResponseHeaders(headers)) if (!dropped.includes(name.toLowerCase())) raw.push(name, value);
  for (const [name, value] of Object.entries(exchange.headers)) raw.push(name, String(value));
  raw.push(HEADER.region, servedBy.region);
  if (servedBy.target.platformModelId === null) raw.push(HEADER.instance, String(servedBy.target.instance.instance_id));
  raw.push('server-timing', `router;dur=${servedBy.overheadMs.toFixed(2)}`);
  return raw;
}

export function isEventStream(headers: readonly RawHeader[]): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === 'content-type' && /^\s*text\/event-stream\b/i.test(value));
}

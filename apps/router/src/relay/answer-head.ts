import { HEADER, type RawHeaders } from '@ecolink/contracts';
import type { Target } from '../admission/resolve-target.js';
import { modelResponseHeaders, podResponseHeaders } from '../upstream/header-rules.js';
import type { Exchange } from '../listen/exchange.js';

/** What the router adds to an answer about itself. */
export interface ServedBy {
  readonly region: string;
  readonly target: Target;
  /** Milliseconds that the router itself took before it sent the request on. */
  readonly overheadMs: number;
}

/** Headers of a custom call's answer, as a flat list: the pod's, less what it must not say, and ours. */
export function verbatimHeaders(exchange: Exchange, headers: RawHeaders, servedBy: ServedBy): string[] {
  return withOurs(podResponseHeaders(headers), exchange, servedBy);
}

/** Headers of an inference call's answer, without its framing, which is the router's. */
export function relayedHeaders(exchange: Exchange, headers: RawHeaders, servedBy: ServedBy): string[] {
  return withOurs(modelResponseHeaders(headers), exchange, servedBy);
}

function withOurs(raw: string[], exchange: Exchange, servedBy: ServedBy): string[] {
  for (const part of exchange.headers) raw.push(part);
  raw.push(HEADER.region, servedBy.region);
  if (servedBy.target.platformModelId === null) raw.push(HEADER.instance, String(servedBy.target.instance.instance_id));
  raw.push('server-timing', `router;dur=${servedBy.overheadMs.toFixed(2)}`);
  return raw;
}

export function isEventStream(contentType: string | undefined): boolean {
  return /^\s*text\/event-stream\b/i.test(contentType ?? '');
}

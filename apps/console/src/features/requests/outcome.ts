import type { Outcome, RequestRow } from './queries.js';

export type Tone = 'ok' | 'warn' | 'bad';

const AMBER: ReadonlySet<number> = new Set([402, 429, 499]);
const CUT: ReadonlySet<Outcome> = new Set<Outcome>(['client_aborted', 'upstream_cut']);

/** Green answered; amber refused for money or rate, closed by the client, or cut; red everything else. */
export function toneOf({ status, outcome }: Pick<RequestRow, 'status' | 'outcome'>): Tone {
  if (AMBER.has(status) || CUT.has(outcome)) return 'warn';
  return status >= 200 && status < 300 && outcome === 'completed' ? 'ok' : 'bad';
}

/** The three colours of the histogram. */
export function classOf(outcome: Outcome): 'answered' | 'refused' | 'failed' {
  if (outcome === 'completed') return 'answered';
  return outcome === 'upstream_error' || outcome === 'failed' ? 'failed' : 'refused';
}

const SHORT: readonly (readonly [RegExp, string])[] = [
  [/chat\/completions/, 'chat'],
  [/\/proxy/, 'proxy'],
  [/images\//, 'images'],
  [/audio\/speech/, 'speech'],
  [/audio\/transcriptions/, 'transcriptions'],
  [/video\//, 'video'],
];

/** `/v1/chat/completions` as `chat`. */
export function endpointText(endpoint: string): string {
  return SHORT.find(([pattern]) => pattern.test(endpoint))?.[1] ?? endpoint.replace(/^\/?v1\//, '');
}

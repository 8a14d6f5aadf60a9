import type { Exchange } from '../listen/exchange.js';
import type { CallSettlement } from '../settlement/call-settlement.js';
import type { UpstreamAnswer } from '../upstream/upstream.js';

/** Whether an answer is encoded though the router asked for none: neither its usage nor its text can be read. */
export function isEncoded(answer: UpstreamAnswer): boolean {
  const encoding = answer.header('content-encoding');
  return encoding !== undefined && encoding.trim().toLowerCase() !== 'identity' && encoding.trim() !== '';
}

/** Ends a call whose answer cannot be metered, unbilled, with 502 `upstream_error`. */
export function refuseEncoded(exchange: Exchange, answer: UpstreamAnswer, region: string, settlement: CallSettlement): void {
  answer.abort();
  settlement.record({
    units: { requests: 1 },
    estimated: false,
    outcome: 'upstream_error',
    status: 502,
    region,
    billable: false,
    ttftMs: null,
  });
  exchange.refuse(
    {
      code: 'upstream_error',
      message: 'the model server encoded its answer, though it was asked for identity: it cannot be metered',
    },
    { 'x-should-retry': 'false' },
  );
}

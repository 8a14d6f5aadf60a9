import type { JournalRecord } from '../../src/settlement/journal/journal-record.js';

/** What a router's journal holds of one call. */
export function journalRecord(position: number, routerId = 'r1'): JournalRecord {
  const event = {
    event_id: `evt_${position}`,
    source: `router/${routerId}`,
    journal_position: position,
    account_id: 'acc_1',
    key_id: 'key_1',
    instance_id: 142,
    platform_model_id: null,
    model: 'm',
    endpoint: '/v1/chat/completions',
    region: 'mv',
    started_at: '2026-11-23T00:00:00.000Z',
    ended_at: '2026-11-23T00:00:01.000Z',
    outcome: 'completed' as const,
    status: 200,
    units: { requests: 1 },
    estimated: false,
    billable: true,
    ttft_ms: 1,
    source_tag: null,
    request_id: 'req_1',
  };
  return { event, costNanoUsd: 9_007_199_254_740_993n, eventJson: JSON.stringify(event) };
}

import { type DeliveredEvent, newId, TOPIC, type UsageRecorded } from '@ecolink/contracts';

let position = 0;

/** A completed call of instance 142 with 1,000 tokens in and 100 out. */
export function usageEvent(accountId: string, overrides: Partial<UsageRecorded> = {}): DeliveredEvent<UsageRecorded> {
  position += 1;
  const now = new Date().toISOString();
  const data: UsageRecorded = {
    event_id: newId('evt'),
    source: 'router/test',
    journal_position: position,
    account_id: accountId,
    key_id: 'key_test',
    instance_id: 142,
    platform_model_id: null,
    model: 'my-llama:142',
    endpoint: '/v1/chat/completions',
    region: 'mv',
    started_at: now,
    ended_at: now,
    outcome: 'completed',
    status: 200,
    units: { requests: 1, input_tokens: 1_000, output_tokens: 100 },
    estimated: false,
    billable: true,
    ttft_ms: 12.5,
    source_tag: null,
    request_id: newId('req'),
    ...overrides,
  };
  return {
    id: data.event_id,
    source: data.source,
    topic: TOPIC.usageRecorded,
    key: accountId,
    occurredAt: new Date(data.started_at),
    data,
    partition: 0,
    position: String(position),
  };
}

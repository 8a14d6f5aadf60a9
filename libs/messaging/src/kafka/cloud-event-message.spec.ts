import type { KafkaMessage } from 'kafkajs';
import { fromMessage, toMessage } from './cloud-event-message.js';

const event = {
  id: 'evt_1',
  source: 'router/router-1',
  topic: 'ecolink.usage.recorded.v1',
  key: 'acc_1',
  occurredAt: new Date('2026-11-23T10:00:00.123Z'),
  data: { tokens: 3, text: 'Grüße' },
};

function asReceived(overrides: Partial<KafkaMessage> = {}): KafkaMessage {
  const message = toMessage(event, 2);
  const headers = Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [name, Buffer.from(String(value))]),
  );
  const received = {
    key: Buffer.from('acc_1'),
    value: Buffer.from(message.value),
    headers,
    offset: '41',
    timestamp: '1795428000000',
    attributes: 0,
  };
  return { ...received, ...overrides } as KafkaMessage;
}

describe('a CloudEvent as a record', () => {
  it('has its attributes in headers and its data as the value', () => {
    expect(toMessage(event, 2)).toEqual({
      key: 'acc_1',
      partition: 2,
      value: '{"tokens":3,"text":"Grüße"}',
      headers: {
        ce_specversion: '1.0',
        ce_id: 'evt_1',
        ce_source: 'router/router-1',
        ce_type: 'ecolink.usage.recorded.v1',
        ce_time: '2026-11-23T10:00:00.123Z',
        'content-type': 'application/json',
      },
    });
  });

  it('comes back as it was', () => {
    expect(fromMessage(event.topic, 2, asReceived())).toEqual({
      kind: 'event',
      event: { ...event, partition: 2, position: '41' },
    });
  });

  it.each<[string, Partial<KafkaMessage>]>([
    ['no JSON', { value: Buffer.from('{"tokens":') }],
    ['no value', { value: null }],
    ['no headers', { headers: {} }],
    ['no time', { headers: { ...asReceived().headers, ce_time: 'yesterday' } }],
    ['an empty id', { headers: { ...asReceived().headers, ce_id: '' } }],
  ])('is undecodable with %s, and keeps its bytes and its place', (_name, overrides) => {
    const message = asReceived(overrides);
    const decoded = fromMessage(event.topic, 2, message);
    expect(decoded).toMatchObject({
      kind: 'undecodable',
      event: {
        id: '2-41',
        source: 'ecolink/undecodable',
        position: '41',
        data: { value_base64: message.value?.toString('base64') ?? null },
      },
    });
  });
});

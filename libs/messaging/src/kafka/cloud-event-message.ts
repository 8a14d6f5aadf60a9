import type { BusEvent, DeliveredEvent } from '@ecolink/contracts';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { UNDECODABLE_SOURCE } from '../dead-letters/stored-dead-letter.js';

/** CloudEvents over Kafka, binary mode: the attributes are headers, the value is the data as JSON. */
export function toMessage(event: BusEvent, partition: number): Message & { readonly value: string } {
  return {
    key: event.key,
    partition,
    value: event.json ?? JSON.stringify(event.data ?? null),
    headers: {
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: event.source,
      ce_type: event.topic,
      ce_time: event.occurredAt.toISOString(),
      'content-type': 'application/json',
    },
  };
}

export type DecodedMessage =
  | { readonly kind: 'event'; readonly event: DeliveredEvent }
  /** `event` stands for the bytes: they are in its data, and its id names their place. */
  | { readonly kind: 'undecodable'; readonly event: DeliveredEvent; readonly reason: string };

export function fromMessage(topic: string, partition: number, message: KafkaMessage): DecodedMessage {
  const place = { topic, partition, position: message.offset, key: message.key?.toString() ?? '' };
  try {
    const id = header(message.headers, 'ce_id');
    const source = header(message.headers, 'ce_source');
    const occurredAt = new Date(header(message.headers, 'ce_time'));
    if (Number.isNaN(occurredAt.getTime())) throw new Error('the header ce_time is no time');
    if (message.value === null) throw new Error('the record has no value');
    return { kind: 'event', event: { ...place, id, source, occurredAt, data: JSON.parse(message.value.toString()) as unknown } };
  } catch (error) {
    return {
      kind: 'undecodable',
      reason: `undecodable record: ${(error as Error).message}`,
      event: { ...place, ...standIn(place, message) },
    };
  }
}

function header(headers: IHeaders | undefined, name: string): string {
  const value = headers?.[name];
  const text = Array.isArray(value) ? value[0]?.toString() : value?.toString();
  if (text === undefined || text === '') throw new Error(`the header ${name} is missing`);
  return text;
}

function standIn(place: { readonly partition: number; readonly position: string }, message: KafkaMessage) {
  return {
    id: `${place.partition}-${place.position}`,
    source: UNDECODABLE_SOURCE,
    occurredAt: new Date(Number(message.timestamp)),
    data: { value_base64: message.value?.toString('base64') ?? null },
  };
}

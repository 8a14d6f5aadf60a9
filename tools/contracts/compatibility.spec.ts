import { readFileSync } from 'node:fs';
import { buildAsyncApi, TOPIC } from '@ecolink/contracts';
import { findBreakingChanges } from './compatibility.mjs';

// Taken apart and changed freely.
type Json = ReturnType<typeof JSON.parse>;

const baseline: Json = JSON.parse(readFileSync(new URL('../../docs/contracts/baseline/asyncapi.json', import.meta.url), 'utf8'));

/** What a change of the baseline breaks. */
function breaksOf(change: (document: Json) => void): string[] {
  const document = structuredClone(baseline);
  change(document);
  return findBreakingChanges(baseline, document);
}

function dataOf(document: Json, topic: string): Json {
  return document.components.schemas[topic];
}

type Place = readonly (string | number)[];

/** Every object schema of every topic's data, by its place in the document. */
function objectPlaces(value: Json, place: Place): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries<Json>(value).flatMap(([name, inner]) => objectPlaces(inner, [...place, name]));
  return value.type === 'object' && value.properties !== undefined ? [place, ...below] : below;
}

function at(document: Json, place: Place): Json {
  return place.reduce((value, name) => value[name], document);
}

const objects = objectPlaces(baseline.components.schemas, ['components', 'schemas']);
const fields = objects.flatMap((place) => Object.keys(at(baseline, place).properties).map((name) => [place, name] as const));

describe('the event contracts of this tree', () => {
  it('only add to those that were released; otherwise publish a new topic beside the old one', () => {
    expect(findBreakingChanges(baseline, JSON.parse(JSON.stringify(buildAsyncApi())))).toEqual([]);
  });
});

describe('a breaking change is told and refused:', () => {
  const cases: readonly [what: string, change: (document: Json) => void, told: string][] = [
    [
      'a topic is renamed',
      ({ channels }) => {
        channels['ecolink.ledger.booked.v1'] = channels[TOPIC.ledgerPosted];
        Reflect.deleteProperty(channels, TOPIC.ledgerPosted);
      },
      'ecolink.ledger.posted.v1: the topic is gone',
    ],
    [
      'a key changes',
      ({ channels }) => (channels[TOPIC.ledgerPosted]['x-ecolink-key'] = 'transaction_id'),
      'ecolink.ledger.posted.v1: the key was account_id and is transaction_id',
    ],
    [
      'partitions are added',
      ({ channels }) => (channels[TOPIC.ledgerPosted].bindings.kafka.partitions = 12),
      'there were 6 partitions and are 12',
    ],
    [
      'a topic that keeps everything is compacted',
      ({ channels }) => (channels[TOPIC.ledgerPosted].bindings.kafka.topicConfiguration['cleanup.policy'] = ['compact']),
      'cleanup.policy was delete and is compact',
    ],
    [
      'events are kept for less long',
      ({ channels }) => (channels[TOPIC.ledgerPosted].bindings.kafka.topicConfiguration['retention.ms'] = 1),
      'ms and are for 1:',
    ],
    [
      'a header goes',
      ({ components }) => delete components.messages[TOPIC.ledgerPosted].headers.properties.ce_id,
      'headers.ce_id is gone',
    ],
    [
      'a type changes',
      (document) => (dataOf(document, TOPIC.ledgerPosted).properties.amount_nano_usd = { type: 'integer' }),
      'data.amount_nano_usd can no longer be string',
    ],
    [
      'what could be null no longer can',
      (document) => (dataOf(document, TOPIC.ledgerPosted).properties.instance_id = { type: 'integer' }),
      'data.instance_id can no longer be null',
    ],
    [
      'what was always there can be null',
      (document) => (dataOf(document, TOPIC.keyChanged).properties.key_id = { anyOf: [{ type: 'string' }, { type: 'null' }] }),
      'data.key_id can now be null',
    ],
    [
      'a new field is required of events that were written before it',
      (document) => {
        const data = dataOf(document, TOPIC.ledgerPosted);
        data.properties.currency = { type: 'string' };
        data.required.push('currency');
      },
      'data.currency is new and required',
    ],
    [
      'an optional field is required',
      (document) => dataOf(document, TOPIC.usageRecorded).properties.units.required.push('output_tokens'),
      'data.units.output_tokens was optional and is required',
    ],
    [
      'a limit is tightened',
      (document) => (dataOf(document, TOPIC.usageRecorded).properties.model.maxLength = 10),
      'data.model: maxLength was 512 and is 10',
    ],
    [
      'an object is closed to fields that are added later',
      (document) => (dataOf(document, TOPIC.ledgerPosted).additionalProperties = false),
      'data: additionalProperties was not given and is false',
    ],
    [
      'the values of a map change their type',
      (document) =>
        (dataOf(document, TOPIC.accountChanged).properties.posted_positions.additionalProperties = { type: 'string' }),
      'data.posted_positions.* can no longer be integer',
    ],
  ];

  it.each(cases)('%s', (_what, change, told) => {
    expect(breaksOf(change)).toEqual(expect.arrayContaining([expect.stringContaining(told)]));
  });

  it('any field goes', () => {
    expect(fields.length).toBeGreaterThan(100);
    for (const [place, name] of fields) {
      const breaks = breaksOf((document) => Reflect.deleteProperty(at(document, place).properties, name));
      expect([place, name, breaks]).toEqual([place, name, [expect.stringMatching(new RegExp(`\\.${name} is gone`))]]);
    }
  });

  it('any field that was promised becomes optional, or any optional one required', () => {
    for (const [place, name] of fields) {
      const breaks = breaksOf((document) => {
        const object = at(document, place);
        const required: string[] = object.required ?? [];
        object.required = required.includes(name) ? required.filter((each) => each !== name) : [...required, name];
      });
      expect([place, name, breaks]).toEqual([place, name, [expect.stringContaining(`.${name} was `)]]);
    }
  });

  it('any list of values loses or gains one', () => {
    const enums = fields.filter(([place, name]) => at(baseline, place).properties[name].enum !== undefined);
    expect(enums.length).toBeGreaterThan(5);
    for (const [place, name] of enums) {
      const lost = breaksOf((document) => at(document, place).properties[name].enum.pop());
      expect([place, name, lost]).toEqual([place, name, [expect.stringContaining('can no longer be "')]]);
      const gained = breaksOf((document) => at(document, place).properties[name].enum.push('something_else'));
      expect([place, name, gained]).toEqual([place, name, [expect.stringContaining('can now be "something_else"')]]);
    }
  });
});

describe('what only adds passes:', () => {
  it('an optional field in any object', () => {
    for (const place of objects) {
      const breaks = breaksOf((document) => (at(document, place).properties.added_later = { type: 'string' }));
      expect([place, breaks]).toEqual([place, []]);
    }
  });

  it('a new topic', () => {
    const name = 'ecolink.notification.raised.v1';
    const breaks = breaksOf(({ channels, components }) => {
      channels[name] = channels[TOPIC.ledgerPosted];
      components.messages[name] = components.messages[TOPIC.ledgerPosted];
      components.schemas[name] = components.schemas[TOPIC.ledgerPosted];
    });
    expect(breaks).toEqual([]);
  });

  it('better words, and a longer retention', () => {
    const breaks = breaksOf((document) => {
      dataOf(document, TOPIC.ledgerPosted).description = 'Better words.';
      dataOf(document, TOPIC.ledgerPosted).properties.type.description = 'Better words.';
      document.channels[TOPIC.ledgerPosted].bindings.kafka.topicConfiguration['retention.ms'] *= 2;
    });
    expect(breaks).toEqual([]);
  });
});

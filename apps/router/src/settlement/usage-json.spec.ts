import { type UsageRecorded, usageRecorded } from '@ecolink/contracts';
import fc from 'fast-check';
import { UsageJson } from './usage-json.js';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value, { nil: null });
const plain = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,40}$/);
const time = fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }).map((date) => date.toISOString());

const attempt = fc.record({
  region: text,
  outcome: fc.constantFrom('answered' as const, 'failed' as const),
  code: orNull(text),
  started_ms: fc.nat(),
  duration_ms: fc.nat(),
});

/** Few keys, so that what is remembered of one is asked for again with other fields. */
const sentOnce = fc.record({
  event_id: plain,
  source: text,
  journal_position: fc.maxSafeNat(),
  account_id: text,
  key_id: fc.constantFrom('key_1', 'key_"2', 'key_\ud8003'),
  instance_id: orNull(fc.maxSafeNat()),
  platform_model_id: orNull(text),
  model: fc.oneof(text, fc.constantFrom('m', 'n')),
  endpoint: fc.constantFrom('/v1/chat/completions', '/"'),
  region: orNull(fc.constantFrom('mv', 'ga')),
  started_at: time,
  ended_at: time,
  outcome: fc.constantFrom(...usageRecorded.shape.outcome.options),
  status: fc.nat(999),
  units: fc.record(
    { requests: fc.nat(), input_tokens: fc.maxSafeNat(), cached_input_tokens: fc.option(fc.nat(), { nil: undefined }) },
    { requiredKeys: ['requests'] },
  ),
  estimated: fc.boolean(),
  billable: fc.boolean(),
  ttft_ms: orNull(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })),
  source_tag: orNull(text),
  request_id: plain,
  anomalies: fc.array(text, { maxLength: 2 }),
});

const event: fc.Arbitrary<UsageRecorded> = fc
  .tuple(sentOnce, fc.option(fc.array(attempt, { minLength: 1, maxLength: 3 })), fc.option(text))
  .map(([fields, attempts, refundOf]) => ({
    ...fields,
    ...(attempts === null ? {} : { attempts }),
    ...(refundOf === null ? {} : { refund_of: refundOf }),
  }));

it('makes of every record, whatever came before it, what JSON.stringify would say', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (events) => {
      const json = new UsageJson();
      for (const one of events) expect(JSON.parse(json.of(one))).toEqual(JSON.parse(JSON.stringify(one)));
    }),
    { numRuns: 500 },
  );
});

it('has every field of a record', () => {
  const [one] = fc.sample(sentOnce, 1);
  if (one === undefined) throw new Error('no sample');
  const complete = new UsageJson().of({ ...one, attempts: [], refund_of: 'req_1' });
  expect(Object.keys(JSON.parse(complete) as object).sort()).toEqual(Object.keys(usageRecorded.shape).sort());
});

it('goes on when more keys call than it remembers', () => {
  const json = new UsageJson();
  const [one] = fc.sample(event, 1);
  if (one === undefined) throw new Error('no sample');
  for (let key = 0; key < 10_002; key += 1) {
    expect((JSON.parse(json.of({ ...one, key_id: `key_${key}` })) as UsageRecorded).key_id).toBe(`key_${key}`);
  }
});

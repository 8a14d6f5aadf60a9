import { unitsDto, type UsageRecorded, usageRecorded } from '@ecolink/contracts';
import { usageEvent } from '../../../test/usage-event.js';
import { payloadHash } from './payload-hash.js';

const event = usageEvent('acc_1', { units: { requests: 1 } }).data;
const changed = (value: unknown): unknown => (typeof value === 'number' ? value + 1 : `${String(value)}1`);

describe('payloadHash', () => {
  it.each(Object.keys(usageRecorded.shape).filter((field) => field !== 'units'))(
    'tells events apart that differ in %s',
    (field) => {
      const other = { ...event, [field]: changed(Reflect.get(event, field)) };
      expect(payloadHash(other)).not.toBe(payloadHash(event));
    },
  );

  it.each([...Object.keys(unitsDto.shape), 'a_unit_of_a_later_release'])(
    'tells events apart that differ in the unit %s',
    (unit) => {
      const other = { ...event, units: { ...event.units, [unit]: 7 } };
      expect(payloadHash(other)).not.toBe(payloadHash(event));
    },
  );

  it('tells events apart that differ in a field of a later release, however deep, and not by the order of members', () => {
    const withField = (value: object) => payloadHash({ ...event, later: value } as UsageRecorded);
    expect(withField({ a: 1, b: [{ c: 2 }] })).not.toBe(withField({ a: 1, b: [{ c: 3 }] }));
    expect(withField({ a: 1, b: 2 })).toBe(withField({ b: 2, a: 1 }));
  });

  it('is for an event without such fields what earlier releases recorded', () => {
    const fixed = { ...event, event_id: 'evt_1', journal_position: 7, request_id: 'req_1' };
    const times = { started_at: '2026-11-23T00:00:00.000Z', ended_at: '2026-11-23T00:00:01.000Z' };
    expect(payloadHash({ ...fixed, ...times })).toBe('5b2655b543fcafb7e06a8a4274e0b7ce4504facf1e563e6fc741707c3a3ba817');
  });
});

import type { InstanceRecord } from '@ecolink/contracts';
import type { RouterState } from '../state/router-state.js';
import { CandidatePicker } from './candidates.js';

const INSTANCE = { instance_id: 7, pinned_region: null } as InstanceRecord;

function pickerOf(regions: Record<string, { pods: boolean[]; state?: string }>) {
  const clock = { nowMs: 0 };
  const pods = Object.entries(regions).flatMap(([region, { pods: healths }]) => healths.map((healthy) => ({ region, healthy })));
  const records = new Map(
    Object.entries(regions).map(([region, { state = 'active' }]) => [region, { region, state, gateway_url: `http://${region}` }]),
  );
  const health = new Map([['7', { pods }]]);
  const state = { health, regions: Object.assign(records, { revision: 1 }) } as unknown as RouterState;
  const setHealth = (healths: Record<string, boolean>): void => {
    health.set('7', { pods: Object.entries(healths).map(([region, healthy]) => ({ region, healthy })) });
  };
  return { picker: new CandidatePicker(state, 100, () => clock.nowMs), clock, setHealth };
}

function firsts(picker: CandidatePicker, calls: number, instance = INSTANCE): Record<string, number> {
  const seen: Record<string, number> = {};
  for (let call = 0; call < calls; call += 1) {
    const region = picker.route(instance).candidates[0]?.region ?? 'none';
    seen[region] = (seen[region] ?? 0) + 1;
  }
  return seen;
}

describe('CandidatePicker', () => {
  it('takes turns between active regions by their healthy pods, and leaves out the rest', () => {
    const { picker } = pickerOf({
      mv: { pods: [true, true, false] },
      ga: { pods: [true] },
      drained: { pods: [true], state: 'draining' },
      dead: { pods: [false] },
    });
    expect(firsts(picker, 30)).toEqual({ mv: 20, ga: 10 });
  });

  it('brings calls that belong together to one region, unless it is out or has more than its part of the calls', () => {
    const { picker } = pickerOf({ mv: { pods: [true, true] }, ga: { pods: [true, true] } });
    const firstOf = (affinity: string): string | undefined => picker.route(INSTANCE, undefined, affinity).candidates[0]?.region;
    const homes = Array.from({ length: 40 }, (_, index) => firstOf(`c${index}`));
    expect(Array.from({ length: 40 }, (_, index) => firstOf(`c${index}`))).toEqual(homes);
    expect(new Set(homes)).toEqual(new Set(['mv', 'ga']));
    const { loads, ejections } = picker.route(INSTANCE);
    const ends = Array.from({ length: 4 }, () => loads.enter('mv'));
    const busy = Array.from({ length: 40 }, () => firstOf('c0'));
    expect(busy.filter((region) => region === 'ga').length).toBeGreaterThanOrEqual(20);
    for (const end of ends) end();
    ejections.failed('mv');
    ejections.failed('mv');
    expect(new Set(Array.from({ length: 40 }, (_, index) => firstOf(`c${index}`)))).toEqual(new Set(['ga']));
  });

  it('never leaves the region that a model is pinned to, whatever happens there', () => {
    const { picker } = pickerOf({ mv: { pods: [true] }, ga: { pods: [true] } });
    const pinned = { ...INSTANCE, pinned_region: 'ga' };
    const { ejections } = picker.route(pinned);
    ejections.failed('ga');
    ejections.failed('ga');
    expect(firsts(picker, 10, pinned)).toEqual({ ga: 10 });
  });

  it('brings a region that was out back with a trickle, and gives it its full share 10 s later', () => {
    const { picker, clock } = pickerOf({ mv: { pods: [true] }, ga: { pods: [true] } });
    const { ejections } = picker.route(INSTANCE);
    ejections.failed('mv');
    ejections.failed('mv');
    expect(firsts(picker, 20)).toEqual({ ga: 20 });
    clock.nowMs += 5_000;
    expect(firsts(picker, 110)).toEqual({ mv: 10, ga: 100 });
    ejections.succeeded('mv');
    clock.nowMs += 10_000;
    const { mv = 0, ga = 0 } = firsts(picker, 100);
    expect(Math.abs(mv - ga)).toBeLessThanOrEqual(2);
  });

  it('brings a region back with a trickle, too, when probes and not calls had taken it out', () => {
    const { picker, clock, setHealth } = pickerOf({ mv: { pods: [true] }, ga: { pods: [true] } });
    expect(firsts(picker, 20)).toEqual({ mv: 10, ga: 10 });
    setHealth({ mv: false, ga: true });
    expect(firsts(picker, 20)).toEqual({ ga: 20 });
    setHealth({ mv: true, ga: true });
    expect(firsts(picker, 110)).toEqual({ mv: 10, ga: 100 });
    clock.nowMs += 10_000;
    const { mv = 0, ga = 0 } = firsts(picker, 100);
    expect(Math.abs(mv - ga)).toBeLessThanOrEqual(2);
  });

  it('gives everything to the one region that came back, when there is no other', () => {
    const { picker, setHealth } = pickerOf({ mv: { pods: [true] } });
    firsts(picker, 1);
    setHealth({ mv: false });
    expect(firsts(picker, 2)).toEqual({ none: 2 });
    setHealth({ mv: true });
    expect(firsts(picker, 10)).toEqual({ mv: 10 });
  });
});

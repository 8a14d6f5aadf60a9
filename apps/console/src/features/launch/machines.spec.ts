import { countFor, firstChoice, fitOf, inOffer } from './machines.js';

type Verdict = 'yes' | 'tight' | 'no' | 'unknown';

function machine(name: string, rate: string, free: number, verdicts?: readonly Verdict[]) {
  const fits = verdicts?.map((verdict, index) => ({ verdict, arithmetic: '', gpu_count: 2 ** index }));
  const capacity = [{ region: 'mv', gpus: 4, gpus_free: free }];
  return { name, hourly_rate_nano_usd: rate, capacity, ...(fits === undefined ? {} : { fits }) };
}

describe('the machines of a launch', () => {
  it('are offered by what is free, then by rate, and never compared as text', () => {
    const offer = inOffer([machine('H100', '3200000000', 4), machine('old', '0', 0), machine('L4', '400000000', 1)]);
    expect(offer.map(({ name }) => name)).toEqual(['L4', 'H100', 'old']);
  });

  it('begin with the cheapest that is free and holds the model, in the number that it takes', () => {
    const offer = [machine('L4', '4', 2, ['no', 'no']), machine('L40S', '9', 2, ['no', 'tight', 'yes'])];
    expect(firstChoice(offer)).toEqual({ gpu: 'L40S', count: 2 });
    expect(firstChoice([machine('L4', '4', 2)])).toEqual({ gpu: 'L4', count: 1 });
    expect(firstChoice([])).toEqual({ gpu: '', count: 1 });
  });

  it('tell the smallest number that holds the model, or that none does, or that nobody knows', () => {
    expect(fitOf(machine('L4', '4', 2, ['no', 'yes', 'yes']))).toEqual({ verdict: 'yes', count: 2 });
    expect(fitOf(machine('L4', '4', 2, ['no', 'no']))).toEqual({ verdict: 'no' });
    expect(fitOf(machine('L4', '4', 2, ['unknown']))).toEqual({ verdict: 'unknown' });
    expect(fitOf(machine('L4', '4', 2))).toBeUndefined();
    expect(countFor(machine('L4', '4', 2, ['no', 'yes']), 8)).toBe(8);
  });
});

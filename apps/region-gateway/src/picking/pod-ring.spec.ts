import { PodRing } from './pod-ring.js';

const member = (podId: string, weight = 1) => ({ podId, weight });
const everyone = () => true;

function countPicks(
  ring: PodRing<{ podId: string; weight: number }>,
  picks: number,
  isEligible: (podId: string) => boolean,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (let pick = 0; pick < picks; pick += 1) {
    const chosen = ring.next((candidate) => isEligible(candidate.podId));
    if (chosen !== undefined) counts.set(chosen.podId, (counts.get(chosen.podId) ?? 0) + 1);
  }
  return counts;
}

describe('PodRing', () => {
  it('gives every pod its turn before anyone gets a second', () => {
    const ring = new PodRing<{ podId: string; weight: number }>();
    ring.setMembers([member('c'), member('a'), member('b')]);
    expect(Array.from({ length: 6 }, () => ring.next(everyone)?.podId)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('answers nothing when no pod is eligible', () => {
    const ring = new PodRing();
    expect(ring.next(everyone)).toBeUndefined();
    ring.setMembers([member('a')]);
    expect(ring.next(() => false)).toBeUndefined();
  });

  it('keeps pods that stay within one call of each other while others come and go', () => {
    const ring = new PodRing<{ podId: string; weight: number }>();
    const stays = { a: 0, m: 0, z: 0 };
    for (let round = 0; round < 997; round += 1) {
      // One passer-by at a time, before, between and after those that stay; membership and health both change.
      const passerBy = ['0', 'f', 'q', 'zz'][round % 4] ?? 'f';
      ring.setMembers([member('a'), member('m'), member('z'), member(passerBy)]);
      const chosen = ring.next(
        (candidate) => candidate.podId.length === 1 && (round % 3 !== 0 || candidate.podId !== passerBy),
      )?.podId;
      if (chosen === 'a' || chosen === 'm' || chosen === 'z') stays[chosen] += 1;
      const counts = Object.values(stays);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
    expect(stays.a).toBeGreaterThan(200);
  });

  it('does not give the turn of a lost pod twice to its neighbour', () => {
    const ring = new PodRing<{ podId: string; weight: number }>();
    ring.setMembers([member('a'), member('b'), member('c')]);
    expect(countPicks(ring, 100, (podId) => podId !== 'b')).toEqual(
      new Map([
        ['a', 50],
        ['c', 50],
      ]),
    );
  });

  it('shares by weight, spread over the round', () => {
    const ring = new PodRing<{ podId: string; weight: number }>();
    ring.setMembers([member('a', 3), member('b', 1)]);
    const round = Array.from({ length: 8 }, () => ring.next(everyone)?.podId);
    expect(round.filter((podId) => podId === 'a')).toHaveLength(6);
    expect(round.slice(0, 4)).toContain('b');
  });
});

/** One place of a pod in the ring; a pod of weight 3 has three. */
interface Slot<Member> {
  readonly member: Member;
  readonly position: number;
  readonly key: string;
}

export interface RingMember {
  readonly podId: string;
  readonly weight: number;
}

/** More places than this would not make a share more exact in a way that anyone notices. */
const WEIGHT_MAX = 100;

/**
 * Round-robin over pods that come and go. Places have a fixed order (position, then pod id), and the ring remembers
 * where it stood as a place rather than an index. So pods that stay eligible throughout are met in strict alternation
 * whatever joins or leaves between them: their counts never differ by more than one in any stretch of picks.
 */
export class PodRing<Member extends RingMember> {
  #slots: Slot<Member>[] = [];
  #last: { position: number; key: string } = { position: -1, key: '' };

  setMembers(members: Iterable<Member>): void {
    this.#slots = [...members].flatMap(slotsOf).sort(compareSlots);
  }

  /** The next member for which `isEligible` holds, or undefined after one fruitless round. */
  next(isEligible: (member: Member) => boolean): Member | undefined {
    const start = this.#slots.findIndex((slot) => compareSlots(slot, this.#last) > 0);
    const first = start === -1 ? 0 : start;
    for (let step = 0; step < this.#slots.length; step += 1) {
      const slot = this.#slots[(first + step) % this.#slots.length];
      if (slot === undefined || !isEligible(slot.member)) continue;
      this.#last = { position: slot.position, key: slot.key };
      return slot.member;
    }
    return undefined;
  }
}

function slotsOf<Member extends RingMember>(member: Member): Slot<Member>[] {
  const weight = Math.min(WEIGHT_MAX, Math.max(1, Math.floor(member.weight)));
  // Spread over the round, so that a heavy pod does not get its share in one burst.
  return Array.from({ length: weight }, (_, index) => ({ member, position: (index + 0.5) / weight, key: member.podId }));
}

function compareSlots(left: { position: number; key: string }, right: { position: number; key: string }): number {
  if (left.position !== right.position) return left.position - right.position;
  if (left.key === right.key) return 0;
  return left.key < right.key ? -1 : 1;
}

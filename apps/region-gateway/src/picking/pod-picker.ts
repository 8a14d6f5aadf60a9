import type { PickingStrategy } from '@ecolink/contracts';
import { PodRing, type RingMember } from './pod-ring.js';

/** A pod as picking sees it. */
export interface PickableMember extends RingMember {
  readonly callsInFlight: number;
  /** Tokens that its calls may still keep it busy with, as estimated when they came. */
  readonly tokensInFlight: number;
}

/** A call as picking sees it. */
export interface PickingCall {
  /** How many tokens it may keep a pod busy with. */
  readonly tokens: number;
  /** The same for calls that belong together; undefined where nothing says so. */
  readonly affinity: string | undefined;
}

/** A pod that calls belong to takes them while its load stays within this many times the mean. */
const LOAD_BOUND = 1.25;

/**
 * Picks the pod of a call. `round_robin`: each in its turn. `least_outstanding`: of two chosen at random the one with fewer tokens in
 * flight. `prefix` and `session`: the pod that calls of one affinity belong to (rendezvous hashing: a pod that comes or goes moves only
 * its own calls), while it is within its bound; beyond it a pod without any call, the first in the order of the hash, so that what is
 * spread too wide for one pod gathers on few; and where none is idle, as `least_outstanding`.
 */
export class PodPicker<Member extends PickableMember> {
  strategy: PickingStrategy = 'round_robin';
  readonly #ring = new PodRing<Member>();
  #members: readonly Member[] = [];

  /** @param random numbers in [0, 1). */
  constructor(private readonly random: () => number = Math.random) {}

  setMembers(members: Iterable<Member>): void {
    this.#members = [...members];
    this.#ring.setMembers(this.#members);
  }

  /** Undefined where no member is eligible. */
  pick(call: PickingCall, isEligible: (member: Member) => boolean): Member | undefined {
    if (this.strategy === 'round_robin') return this.#ring.next(isEligible);
    const eligible = this.#members.filter(isEligible);
    if (this.strategy === 'least_outstanding' || call.affinity === undefined) return this.#lessBusyOfTwo(eligible);
    return this.#closest(eligible, call.affinity, call.tokens) ?? this.#lessBusyOfTwo(eligible);
  }

  #closest(eligible: readonly Member[], affinity: string, tokens: number): Member | undefined {
    let weights = 0;
    let inFlight = tokens;
    for (const { weight, tokensInFlight } of eligible) {
      weights += weight;
      inFlight += tokensInFlight;
    }
    const home = firstBy(eligible, (member) => score(affinity, member));
    if (home === undefined) return undefined;
    const bound = (LOAD_BOUND * inFlight * home.weight) / weights;
    if (home.callsInFlight === 0 || home.tokensInFlight + tokens <= bound) return home;
    const idle = eligible.filter(({ callsInFlight }) => callsInFlight === 0);
    return firstBy(idle, (member) => score(affinity, member));
  }

  #lessBusyOfTwo(eligible: readonly Member[]): Member | undefined {
    const [only] = eligible;
    if (only === undefined || eligible.length === 1) return only;
    const first = Math.floor(this.random() * eligible.length);
    const step = 1 + Math.floor(this.random() * (eligible.length - 1));
    const [left, right] = [eligible[first], eligible[(first + step) % eligible.length]];
    if (left === undefined || right === undefined) return left ?? right;
    return busyness(right) < busyness(left) ? right : left;
  }
}

function busyness({ tokensInFlight, weight }: PickableMember): number {
  return tokensInFlight / weight;
}

/** Weighted rendezvous hashing: over all affinities each member comes first as often as its weight says. */
function score(affinity: string, { podId, weight }: PickableMember): number {
  return -weight / Math.log((hashOf(`${affinity} ${podId}`) + 0.5) / 4_294_967_296);
}

/** FNV-1a, and then mixed: pod ids differ in their last characters only, and those alone move too few of its bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function firstBy<Value>(values: readonly Value[], scoreOf: (value: Value) => number): Value | undefined {
  let best: Value | undefined;
  let most = -Infinity;
  for (const value of values) {
    const one = scoreOf(value);
    if (one > most) [best, most] = [value, one];
  }
  return best;
}

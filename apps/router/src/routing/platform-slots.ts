import type { Refusal } from '@ecolink/contracts';
import type { SharedTotals } from '@ecolink/shared-state';

/** No account has more than this part of a platform model's slots, whatever stands idle. */
const SHARE_MAX = 1 / 2;
/** Nor takes a new one above this part while others wait for theirs. */
const SHARE_WHILE_OTHERS_WAIT = 1 / 4;
const WAITED_WITHIN_MS = 60_000;
const RETRY_AFTER_SECONDS = 2;
/** Below this part of the slots an account's calls are not told to other routers: they decide nothing. */
const TOLD_FROM = 1 / 16;

interface ModelSlots {
  readonly calls: Map<string, number>;
  /** As they were when the last call came. */
  slots: number;
  /** The two accounts that waited last; two, so that one of them is always another than the one that asks. */
  waited: { readonly accountId: string; readonly atMs: number }[];
}

/**
 * Who holds the slots of platform models, each of which is one call to one of its pods. The models are everybody's: no
 * account may fill them, since a call may last an hour. Other routers' figures are those of a moment ago.
 */
export class PlatformSlots {
  private readonly models = new Map<number, ModelSlots>();

  constructor(
    private readonly shared: Pick<SharedTotals, 'live' | 'others' | 'set'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Takes a slot for a call.
   * @param slots calls that all healthy pods of the model take at a time.
   * @returns how to give it back, once; or why the account gets none.
   */
  take(instanceId: number, accountId: string, slots: number): (() => void) | Refusal {
    const model = this.modelOf(instanceId);
    model.slots = slots;
    const own = model.calls.get(accountId) ?? 0;
    const held = own + this.heardOf(instanceId, accountId);
    if (held >= Math.max(1, slots * SHARE_MAX)) {
      return refusal('half of this model’s slots are taken by calls of this account');
    }
    if (held >= Math.max(1, slots * SHARE_WHILE_OTHERS_WAIT) && this.othersWaited(model, accountId)) {
      return refusal('a quarter of this model’s slots are taken by calls of this account, and others wait for theirs');
    }
    this.set(instanceId, model, accountId, own + 1, slots);
    if (sumOf(model.calls) > slots) this.waited(instanceId, accountId);
    return () => this.set(instanceId, model, accountId, (model.calls.get(accountId) ?? 1) - 1, slots);
  }

  /** A call of the account found no pod with room. One that holds its part already is not waited for. */
  waited(instanceId: number, accountId: string): void {
    const model = this.modelOf(instanceId);
    if ((model.calls.get(accountId) ?? 0) > model.slots * SHARE_WHILE_OTHERS_WAIT) return;
    model.waited = [{ accountId, atMs: this.now() }, ...model.waited.filter((one) => one.accountId !== accountId)].slice(0, 2);
  }

  private othersWaited({ waited }: ModelSlots, accountId: string): boolean {
    return waited.some((one) => one.accountId !== accountId && this.now() - one.atMs < WAITED_WITHIN_MS);
  }

  private modelOf(instanceId: number): ModelSlots {
    let model = this.models.get(instanceId);
    if (model === undefined) {
      model = { calls: new Map(), slots: 0, waited: [] };
      this.models.set(instanceId, model);
    }
    return model;
  }

  private set(instanceId: number, model: ModelSlots, accountId: string, calls: number, slots: number): void {
    const before = model.calls.get(accountId) ?? 0;
    if (calls > 0) model.calls.set(accountId, calls);
    else model.calls.delete(accountId);
    const told = (count: number): number => (count < slots * TOLD_FROM ? 0 : count);
    if (told(before) !== told(calls)) this.shared.set(keyOf(instanceId, accountId), BigInt(told(calls)));
  }

  private heardOf(instanceId: number, accountId: string): number {
    return this.shared.live() === 1 ? 0 : Number(this.shared.others(keyOf(instanceId, accountId)));
  }
}

function keyOf(instanceId: number, accountId: string): string {
  return `slots:${instanceId}:${accountId}`;
}

function sumOf(calls: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of calls.values()) sum += count;
  return sum;
}

function refusal(message: string): Refusal {
  return {
    code: 'rate_limit_exceeded',
    message: `${message}; try again when some of its calls have ended`,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  };
}

import type { PickingCall } from '../picking/pod-picker.js';
import type { Pod } from './pod.js';

/** A call that waits for a pod with room. Exactly one of the two is called, once, unless it is cancelled before. */
export interface PodRequest extends PickingCall {
  /** Pods that this call must not get again. */
  readonly tried: ReadonlySet<Pod>;
  /** Ids of pods that failed it in an earlier attempt of its router: it gets them only where there is no other. */
  readonly avoided: ReadonlySet<string>;
  take(pod: Pod): void;
  refuse(why: 'no_pod' | 'busy'): void;
}

interface Waiting {
  readonly request: PodRequest;
  readonly timer: NodeJS.Timeout;
}

/** The bounded queue of one instance, first come, first served. */
export class WaitingCalls {
  readonly #queue = new Set<Waiting>();

  constructor(
    private readonly waitingMax: number,
    private readonly waitMaxMs: number,
  ) {}

  get size(): number {
    return this.#queue.size;
  }

  /** @returns how to leave the queue; undefined when it is full. */
  add(request: PodRequest): (() => void) | undefined {
    if (this.#queue.size >= this.waitingMax) return undefined;
    const waiting: Waiting = {
      request,
      timer: setTimeout(() => this.#remove(waiting) && request.refuse('busy'), this.waitMaxMs),
    };
    this.#queue.add(waiting);
    return () => this.#remove(waiting);
  }

  /** Hands pods to those who wait, in order, as long as `find` has one for them. */
  serve(find: (request: PodRequest) => Pod | undefined): void {
    for (const waiting of this.#queue) {
      const pod = find(waiting.request);
      // Who waits longest has tried fewest: when there is nothing for the first, there is hardly anything for the rest.
      if (pod === undefined) return;
      this.#remove(waiting);
      waiting.request.take(pod);
    }
  }

  refuseAll(why: 'no_pod' | 'busy'): void {
    for (const waiting of [...this.#queue]) if (this.#remove(waiting)) waiting.request.refuse(why);
  }

  #remove(waiting: Waiting): boolean {
    clearTimeout(waiting.timer);
    return this.#queue.delete(waiting);
  }
}

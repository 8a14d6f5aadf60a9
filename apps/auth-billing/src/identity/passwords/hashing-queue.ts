import { ApiError } from '@ecolink/contracts';

/** Node hashes on four threads, which files and names share. */
const RUNNING_MAX = 2;
const WAITING_MAX = 64;
/** So many places of a queue may belong to one network. */
const WAITING_PER_NETWORK_MAX = 16;

interface Waiting {
  readonly network: string;
  readonly start: () => void;
}

/**
 * Hashing is slow on purpose, so it waits its turn. Addresses with failures and those without wait apart and take turns:
 * guesses at one address hold up no one who signs in to another.
 */
export class HashingQueue {
  private running = 0;
  private isSuspectsTurn = false;
  private readonly waiting = { trusted: [] as Waiting[], suspect: [] as Waiting[] };

  /** Throws 503 when too many wait already. */
  async run<T>(work: () => Promise<T>, caller: { readonly network: string; readonly isSuspect: boolean }): Promise<T> {
    await this.turn(caller);
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.startNext();
    }
  }

  private turn({ network, isSuspect }: { readonly network: string; readonly isSuspect: boolean }): Promise<void> | undefined {
    if (this.running < RUNNING_MAX) {
      this.running += 1;
      return undefined;
    }
    const queue = isSuspect ? this.waiting.suspect : this.waiting.trusted;
    const ofNetwork = queue.filter((each) => each.network === network).length;
    if (queue.length >= WAITING_MAX || ofNetwork >= WAITING_PER_NETWORK_MAX) {
      throw new ApiError('service_unavailable', 'too many sign-ins at once', { retryAfterSeconds: 1 });
    }
    return new Promise((resolve) => queue.push({ network, start: resolve }));
  }

  private startNext(): void {
    const { trusted, suspect } = this.waiting;
    const [first, second] = this.isSuspectsTurn ? [suspect, trusted] : [trusted, suspect];
    const next = first.shift() ?? second.shift();
    if (next === undefined) return;
    this.isSuspectsTurn = !this.isSuspectsTurn;
    this.running += 1;
    next.start();
  }
}

export interface FairTurnsOptions {
  /** Work that one holder may do in a turn of the event loop while others have some to do. */
  readonly unitsPerHolder: number;
  /** Work of all holders in a turn; what is beyond waits for the next one. */
  readonly unitsInAll: number;
  /** Runs a function when all that has arrived meanwhile was looked at. */
  readonly schedule?: (run: () => void) => void;
  /** Microseconds of processor time that this thread has taken. */
  readonly cpuUs?: () => number;
}

/** What a turn takes at the most while someone is in line; whoever is not in line waits for one turn at each process. */
const TURN_US = 1_000;
/** Machines, and what units stand for, differ: a turn that takes longer makes those that follow smaller, down to this part. */
const SCALE_MIN = 1 / 8;
/** One turn tells little: a collection may have fallen into it. */
const SHRINK_MAX = 1 / 2;
const GROW_MAX = 5 / 4;

/** A holder that has done less than this part of its work in a turn goes on, whatever the others did. */
const SMALL_SHARE = 1 / 8;
const HALF = 1 / 2;

/**
 * Shares the event loop among holders (accounts, instances) that have much to do. Work is counted in units of about a
 * microsecond; a holder beyond its part waits, in line with its other calls, and holders take turns. One that does
 * little never waits. Turns with a line are measured: where they take too long, all parts become smaller.
 */
export class FairTurns {
  private readonly shares = new Map<string, Share>();
  /** Those with someone in line, in the order in which they are served. */
  private readonly lines = new Set<Share>();
  private turn = 0;
  private spentInAll = 0;
  private isScheduled = false;
  private readonly schedule: (run: () => void) => void;
  private readonly cpuUs: () => number;
  private unitsPerHolder: number;
  private unitsInAll: number;
  private scale = 1;
  /** When the turn began, of one that began with someone in line. */
  private beganAtUs: number | undefined;

  constructor(private readonly options: FairTurnsOptions) {
    this.schedule = options.schedule ?? ((run) => void setImmediate(run));
    this.cpuUs = options.cpuUs ?? threadCpuUs;
    this.unitsPerHolder = options.unitsPerHolder;
    this.unitsInAll = options.unitsInAll;
  }

  /** Joins a holder's share; to be left once. */
  enter(holder: string): Share {
    let share = this.shares.get(holder);
    if (share === undefined) {
      share = new Share(this, holder);
      this.shares.set(holder, share);
    }
    share.calls += 1;
    return share;
  }

  /** Holders that have a call open. */
  get size(): number {
    return this.shares.size;
  }

  /** @internal */
  leave(share: Share): void {
    share.calls -= 1;
    if (share.calls === 0) this.shares.delete(share.holder);
  }

  /** @internal */
  spend(share: Share, units: number): boolean {
    if (share.turn !== this.turn) [share.turn, share.spent] = [this.turn, 0];
    share.spent += units;
    this.spentInAll += units;
    const { unitsPerHolder, unitsInAll } = this;
    // What is little needs no end of the turn: it adds up over many of them.
    if (share.spent >= unitsPerHolder * HALF || this.spentInAll >= unitsInAll * HALF) this.scheduleNext();
    return this.mayGoOn(share);
  }

  /** @internal */
  mayGoOn(share: Share): boolean {
    if (share.turn !== this.turn) return this.lines.size === 0 || !this.lines.has(share);
    const { unitsPerHolder, unitsInAll } = this;
    if (share.spent < unitsPerHolder * SMALL_SHARE) return true;
    return share.spent < unitsPerHolder && this.spentInAll < unitsInAll;
  }

  /** @internal */
  lineUp(share: Share): void {
    this.lines.add(share);
    this.scheduleNext();
  }

  private scheduleNext(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.schedule(() => this.nextTurn());
  }

  private nextTurn(): void {
    this.isScheduled = false;
    this.measure();
    this.turn += 1;
    this.spentInAll = 0;
    const { unitsPerHolder, unitsInAll } = this;
    while (this.lines.size > 0 && this.spentInAll < unitsInAll) {
      let served = 0;
      for (const share of [...this.lines]) {
        if (this.spentInAll >= unitsInAll) break;
        if (share.turn === this.turn && share.spent >= unitsPerHolder) continue;
        const next = share.line.shift();
        this.lines.delete(share);
        // Behind all others: who was not served in this turn is first in the next.
        if (share.line.length > 0) this.lines.add(share);
        if (next === undefined) continue;
        served += 1;
        this.spend(share, next.units);
        next.goOn();
      }
      if (served === 0) break;
    }
    if (this.lines.size > 0) this.scheduleNext();
  }

  /** Sets the parts of the next turn by what the last one took, if it began with someone in line. */
  private measure(): void {
    const isBusy = this.lines.size > 0;
    if (!isBusy && this.beganAtUs === undefined) return;
    const nowUs = this.cpuUs();
    if (this.beganAtUs !== undefined) {
      const change = Math.max(SHRINK_MAX, Math.min(GROW_MAX, TURN_US / Math.max(1, nowUs - this.beganAtUs)));
      this.scale = Math.max(SCALE_MIN, Math.min(1, this.scale * change));
      this.unitsPerHolder = this.options.unitsPerHolder * this.scale;
      this.unitsInAll = this.options.unitsInAll * this.scale;
    }
    this.beganAtUs = isBusy ? nowUs : undefined;
  }
}

function threadCpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** One holder's part, shared by all its calls. */
export class Share {
  calls = 0;
  spent = 0;
  turn = -1;
  readonly line: { readonly goOn: () => void; readonly units: number }[] = [];

  constructor(
    private readonly turns: FairTurns,
    readonly holder: string,
  ) {}

  /** Notes work that was done. @returns false when the caller should `wait` before it does more. */
  spend(units: number): boolean {
    return this.turns.spend(this, units);
  }

  /** Whether there is time for more in this turn. */
  mayGoOn(): boolean {
    return this.turns.mayGoOn(this);
  }

  /**
   * Calls back in a later turn, never at once. Whoever waits twice is called twice.
   * @param units of work that the call brings about before it can be counted, as reading on from a connection does.
   */
  wait(goOn: () => void, units = 1): void {
    this.line.push({ goOn, units });
    this.turns.lineUp(this);
  }

  leave(): void {
    this.turns.leave(this);
  }
}

import { randomUUID } from 'node:crypto';

/**
 * Sums over several processes, each of which knows its own part: requests of a key in a minute, money that billing has not
 * posted yet. Every participant says absolute values, never differences, so a lost or repeated message changes nothing, and
 * a store that was emptied is whole again as soon as everybody has spoken.
 */
export interface SharedTotals {
  /** Sets this participant's part. 0n takes it away. */
  set(key: string, value: bigint): void;
  /** The parts of all other participants that live, as last heard. */
  others(key: string): bigint;
  /** Changes whenever the parts of others may have: sums made of them may be kept until then. */
  version(): number;
  /** Participants that live, this one included; at least 1. */
  live(): number;
  /** The number of the message that will carry what is set from now on. */
  nextMessage(): number;
  /**
   * The last message that all who live have heard, and have answered with their own values since. What was decided on
   * the values before it may be decided anew: nobody else decides on older ones any more.
   */
  acknowledged(): number;
  /** False while others cannot be heard: their parts are what they said last. */
  hearsOthers(): boolean;
  /** The reason while others cannot be heard. */
  degradation(): string | undefined;
  /**
   * Milliseconds since the epoch as all participants have them, to about half a second: a machine whose clock is wrong goes
   * by the engine's. What is counted by time is counted in the same minute everywhere.
   */
  nowMs(): number;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What a participant says: values that changed, or all of them. */
export interface TotalsMessage {
  readonly from: string;
  readonly whole: boolean;
  readonly values: Readonly<Record<string, string>>;
  /** Counts this run's messages. Builds before 2026-11-26 send none of these three. */
  readonly number?: number | undefined;
  /** Tells this run of the participant from earlier ones. */
  readonly run?: string | undefined;
  /** The last message that was heard of each other: `<run>:<number>`. */
  readonly seen?: Readonly<Record<string, string>> | undefined;
  /** The last message of one that leaves. */
  readonly left?: boolean | undefined;
}

/** How participants reach each other; the engines differ in nothing else. */
export interface TotalsTransport {
  /** Sends to all others; resolves when it was handed over. */
  publish(message: TotalsMessage): Promise<void>;
  /** Keeps the participant's whole message for those who come later, for a while. */
  keep(message: TotalsMessage, lifetimeMs: number): Promise<void>;
  /** Takes away what a participant that leaves has kept. */
  drop(participant: string): Promise<void>;
  /** What the others have kept. */
  kept(): Promise<readonly TotalsMessage[]>;
  open(onMessage: (message: TotalsMessage) => void): Promise<void>;
  isConnected(): boolean;
  /** The engine's clock, in milliseconds since the epoch. */
  time(): Promise<number>;
  close(): Promise<void>;
}

export interface TotalsOptions {
  readonly participant: string;
  readonly transport: TotalsTransport;
  readonly syncIntervalMs?: number;
  /** This participant's own clock. Default: one that no change of the machine's time moves. */
  readonly now?: () => number;
}

/** A clock that is off by less is left alone, and so is an answer that took longer to come. */
const CLOCK_OFF_MS = 500;
const SYNC_INTERVAL_MS = 100;
const WHOLE_EVERY_SYNCS = 20;
const LIFETIME_SYNCS = 60;

interface Participant {
  heardAtMs: number;
  values: Map<string, bigint>;
  /** Its last message, as we tell it that we heard it. */
  mark: string | undefined;
  /** Our last message that it has heard; of an older build that does not say so, every one. */
  acknowledged: number;
}

/** The engine-independent half: who said what, who still lives, what has changed since the last synchronisation. */
export class SynchronisedTotals implements SharedTotals {
  private readonly own = new Map<string, bigint>();
  private readonly changed = new Set<string>();
  private readonly participants = new Map<string, Participant>();
  private readonly syncIntervalMs: number;
  private readonly now: () => number;
  private readonly run = randomUUID();
  private ticks = 0;
  private sent = 0;
  private heard = 0;
  /** Others have said something since we last spoke, and wait to hear that we heard it. */
  private owesAnswer = false;
  /** The last message was not taken: a server may be there and not answer. */
  private isCut = false;
  /** What is to be added to our own clock to have the engine's. */
  private clockOffsetMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private syncing: Promise<void> | undefined;

  constructor(private readonly options: TotalsOptions) {
    this.syncIntervalMs = options.syncIntervalMs ?? SYNC_INTERVAL_MS;
    this.now = options.now ?? steadyNow;
  }

  set(key: string, value: bigint): void {
    if (value === 0n) this.own.delete(key);
    else this.own.set(key, value);
    this.changed.add(key);
  }

  others(key: string): bigint {
    let sum = 0n;
    for (const participant of this.participants.values()) sum += participant.values.get(key) ?? 0n;
    return sum;
  }

  live(): number {
    return this.participants.size + 1;
  }

  version(): number {
    return this.heard;
  }

  nextMessage(): number {
    return this.sent + 1;
  }

  acknowledged(): number {
    let least = Infinity;
    for (const participant of this.participants.values()) least = Math.min(least, participant.acknowledged);
    return least;
  }

  hearsOthers(): boolean {
    return !this.isCut && this.options.transport.isConnected();
  }

  degradation(): string | undefined {
    return this.hearsOthers() ? undefined : 'other routers cannot be heard; limits and balances go by local shares';
  }

  nowMs(): number {
    return this.now() + this.clockOffsetMs;
  }

  async start(): Promise<void> {
    await this.options.transport.open((message) => {
      this.hear(message);
    });
    for (const message of await this.options.transport.kept().catch(() => [])) this.hear(message);
    await this.synchronise();
    this.timer = setInterval(() => {
      this.syncing ??= this.synchronise().finally(() => (this.syncing = undefined));
    }, this.syncIntervalMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.syncing;
    const { participant, transport } = this.options;
    await transport.drop(participant).catch(() => undefined);
    await transport.publish({ from: participant, whole: true, values: {}, left: true }).catch(() => undefined);
    await transport.close();
  }

  /** Says what has changed, and every now and then everything; forgets those who are silent. */
  async synchronise(): Promise<void> {
    const whole = this.isCut || this.ticks % WHOLE_EVERY_SYNCS === 0;
    this.ticks += 1;
    const keys = whole ? [...this.own.keys()] : [...this.changed];
    if (whole || keys.length > 0 || this.owesAnswer) await this.say(whole, keys);
    if (this.hearsOthers()) this.forgetSilent();
  }

  /** What was not taken is said again, whole, when the others can be heard again. */
  private async say(whole: boolean, keys: readonly string[]): Promise<void> {
    const { transport } = this.options;
    const message = this.messageOf(whole, keys);
    this.changed.clear();
    this.owesAnswer = false;
    try {
      await transport.publish(message);
      if (whole) {
        await transport.keep(message, this.syncIntervalMs * LIFETIME_SYNCS);
        // A server that does not tell its time still carries the totals.
        await this.compareClocks().catch(() => undefined);
      }
      this.isCut = false;
    } catch {
      this.isCut = true;
    }
  }

  private async compareClocks(): Promise<void> {
    const askedAtMs = this.now();
    const theirsMs = await this.options.transport.time();
    const answeredAtMs = this.now();
    if (answeredAtMs - askedAtMs > CLOCK_OFF_MS) return;
    const offsetMs = theirsMs - (askedAtMs + answeredAtMs) / 2;
    if (Math.abs(offsetMs - this.clockOffsetMs) > CLOCK_OFF_MS) this.clockOffsetMs = offsetMs;
  }

  private messageOf(whole: boolean, keys: readonly string[]): TotalsMessage {
    this.sent += 1;
    const seen: Record<string, string> = {};
    for (const [name, { mark }] of this.participants) if (mark !== undefined) seen[name] = mark;
    const values = Object.fromEntries(keys.map((key) => [key, (this.own.get(key) ?? 0n).toString()]));
    return { from: this.options.participant, whole, values, number: this.sent, run: this.run, seen };
  }

  private hear(message: TotalsMessage): void {
    if (message.from === this.options.participant) return;
    this.heard += 1;
    if (message.left === true) {
      this.participants.delete(message.from);
      return;
    }
    let participant = this.participants.get(message.from);
    if (participant === undefined) {
      participant = { heardAtMs: 0, values: new Map(), mark: undefined, acknowledged: 0 };
      this.participants.set(message.from, participant);
    }
    participant.heardAtMs = this.now();
    participant.mark = message.number === undefined ? undefined : `${message.run ?? ''}:${message.number}`;
    participant.acknowledged = this.acknowledgedBy(message);
    if (message.whole || Object.keys(message.values).length > 0) this.owesAnswer = true;
    if (message.whole) participant.values = new Map();
    for (const [key, value] of Object.entries(message.values)) {
      if (value === '0') participant.values.delete(key);
      else participant.values.set(key, BigInt(value));
    }
  }

  private acknowledgedBy({ seen }: TotalsMessage): number {
    if (seen === undefined) return Infinity;
    const [run, number] = seen[this.options.participant]?.split(':') ?? [];
    return run === this.run ? Number(number) : 0;
  }

  /** Only while others can be heard: a store that is down makes nobody dead. */
  private forgetSilent(): void {
    const lifetimeMs = this.syncIntervalMs * LIFETIME_SYNCS;
    for (const [name, participant] of this.participants) {
      if (this.now() - participant.heardAtMs <= lifetimeMs) continue;
      this.participants.delete(name);
      this.heard += 1;
    }
  }
}

const STARTED_AT_MS = performance.timeOrigin;

function steadyNow(): number {
  return STARTED_AT_MS + performance.now();
}

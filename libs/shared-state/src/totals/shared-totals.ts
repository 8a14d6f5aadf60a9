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
  /** Participants that live, this one included; at least 1. */
  live(): number;
  /** Grows with each synchronisation that others could hear: what was decided before it may be decided anew. */
  sequence(): number;
  /** False while others cannot be heard: their parts are what they said last. */
  hearsOthers(): boolean;
  /** The reason while others cannot be heard. */
  degradation(): string | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What a participant says: values that changed, or all of them. */
export interface TotalsMessage {
  readonly from: string;
  readonly whole: boolean;
  readonly values: Readonly<Record<string, string>>;
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
  close(): Promise<void>;
}

export interface TotalsOptions {
  readonly participant: string;
  readonly transport: TotalsTransport;
  readonly syncIntervalMs?: number;
  readonly now?: () => number;
}

const SYNC_INTERVAL_MS = 100;
const WHOLE_EVERY_SYNCS = 20;
const LIFETIME_SYNCS = 60;

interface Participant {
  heardAtMs: number;
  values: Map<string, bigint>;
}

/** The engine-independent half: who said what, who still lives, what has changed since the last synchronisation. */
export class SynchronisedTotals implements SharedTotals {
  private readonly own = new Map<string, bigint>();
  private readonly changed = new Set<string>();
  private readonly participants = new Map<string, Participant>();
  private readonly syncIntervalMs: number;
  private readonly now: () => number;
  private ticks = 0;
  private syncs = 0;
  /** The last message was not taken: a server may be there and not answer. */
  private isCut = false;
  private timer: NodeJS.Timeout | undefined;
  private syncing: Promise<void> | undefined;

  constructor(private readonly options: TotalsOptions) {
    this.syncIntervalMs = options.syncIntervalMs ?? SYNC_INTERVAL_MS;
    this.now = options.now ?? Date.now;
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

  sequence(): number {
    return this.syncs;
  }

  hearsOthers(): boolean {
    return !this.isCut && this.options.transport.isConnected();
  }

  degradation(): string | undefined {
    return this.hearsOthers() ? undefined : 'other routers cannot be heard; limits and balances go by local shares';
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
    if (whole || keys.length > 0) await this.say(whole, keys);
    if (!this.hearsOthers()) return;
    this.forgetSilent();
    this.syncs += 1;
  }

  /** What was not taken is said again, whole, when the others can be heard again. */
  private async say(whole: boolean, keys: readonly string[]): Promise<void> {
    const { participant, transport } = this.options;
    const values = Object.fromEntries(keys.map((key) => [key, (this.own.get(key) ?? 0n).toString()]));
    const message: TotalsMessage = { from: participant, whole, values };
    this.changed.clear();
    try {
      await transport.publish(message);
      if (whole) await transport.keep(message, this.syncIntervalMs * LIFETIME_SYNCS);
      this.isCut = false;
    } catch {
      this.isCut = true;
    }
  }

  private hear(message: TotalsMessage): void {
    if (message.from === this.options.participant) return;
    if (message.left === true) {
      this.participants.delete(message.from);
      return;
    }
    let participant = this.participants.get(message.from);
    if (participant === undefined) this.participants.set(message.from, (participant = { heardAtMs: 0, values: new Map() }));
    participant.heardAtMs = this.now();
    if (message.whole) participant.values = new Map();
    for (const [key, value] of Object.entries(message.values)) {
      if (value === '0') participant.values.delete(key);
      else participant.values.set(key, BigInt(value));
    }
  }

  /** Only while others can be heard: a store that is down makes nobody dead. */
  private forgetSilent(): void {
    const lifetimeMs = this.syncIntervalMs * LIFETIME_SYNCS;
    for (const [name, participant] of this.participants) {
      if (this.now() - participant.heardAtMs > lifetimeMs) this.participants.delete(name);
    }
  }
}

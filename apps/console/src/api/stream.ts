import type { QueryClient } from '@tanstack/react-query';
import { refresh } from './refresh.js';

/**
 * The live stream: one `EventSource` for the page. What it says makes the queries of that noun stale, and those on the page
 * are asked again; while it is down everything is asked again by the clock.
 */
export interface StreamStatus {
  readonly connected: boolean;
  /** When something was last heard. */
  readonly heardAt: number;
  /** When the next try is made; null while connected. */
  readonly retryAt: number | null;
}

const POLL_MS = 15_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** Bursts are answered with one round of questions. */
const GATHER_MS = 150;

/** Which queries an event's type is about, by the first word of the type: `instance.updated`. */
const NOUNS: Readonly<Record<string, readonly string[]>> = {
  instance: ['instances', 'playground'],
  model: ['models', 'playground'],
  balance: ['billing'],
  billing: ['billing'],
  ledger: ['billing'],
  transaction: ['billing'],
  notification: ['notifications'],
  api_key: ['keys'],
  key: ['keys'],
  member: ['users', 'me'],
  invite: ['users'],
  channel: ['channels'],
  account: ['account', 'me'],
  budget: ['keys', 'billing'],
  request: ['requests'],
};
/** `reset`: what was missed is not told again. `hello` follows every connection, which asks anew by itself. */
const EVENT_NAMES = [...Object.keys(NOUNS), 'reset'];

export class LiveStream {
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private poll: ReturnType<typeof setInterval> | undefined;
  private gather: ReturnType<typeof setTimeout> | undefined;
  private readonly stale = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private failures = 0;
  private current: StreamStatus = { connected: true, heardAt: Date.now(), retryAt: null };

  constructor(
    private readonly queries: QueryClient,
    private readonly url = '/api/v1/stream',
  ) {}

  readonly status = (): StreamStatus => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    this.connect();
    this.poll = setInterval(() => {
      if (!this.current.connected) void refresh(this.queries);
    }, POLL_MS);
  }

  stop(): void {
    this.source?.close();
    clearTimeout(this.timer);
    clearTimeout(this.gather);
    clearInterval(this.poll);
  }

  /** Tries again at once. */
  readonly retry = (): void => {
    clearTimeout(this.timer);
    this.connect();
    void refresh(this.queries);
  };

  private connect(): void {
    this.source?.close();
    const source = new EventSource(this.url);
    this.source = source;
    source.onopen = () => this.opened();
    source.onerror = () => this.failed(source);
    source.onmessage = (event: MessageEvent<string>) => this.heard('message', event.data);
    for (const name of EVENT_NAMES)
      source.addEventListener(name, (event) => this.heard(name, (event as MessageEvent<string>).data));
  }

  private opened(): void {
    const wasDown = !this.current.connected;
    this.failures = 0;
    this.change({ connected: true, heardAt: Date.now(), retryAt: null });
    if (wasDown) void refresh(this.queries);
  }

  private failed(source: EventSource): void {
    source.close();
    this.failures += 1;
    const wait = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (this.failures - 1));
    this.change({ ...this.current, connected: false, retryAt: Date.now() + wait });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), wait);
  }

  private heard(name: string, data: string): void {
    this.current = { ...this.current, heardAt: Date.now() };
    for (const root of rootsOf(name, data)) this.stale.add(root);
    this.gather ??= setTimeout(() => this.refresh(), GATHER_MS);
  }

  private refresh(): void {
    this.gather = undefined;
    const roots = [...this.stale];
    this.stale.clear();
    for (const root of roots) void refresh(this.queries, root === '*' ? [] : [root]);
  }

  private change(next: StreamStatus): void {
    this.current = next;
    for (const listener of [...this.listeners]) listener();
  }
}

/** The queries that an event makes stale; an event of a kind that is not known makes all of them. */
export function rootsOf(name: string, data: string): readonly string[] {
  const type = NOUNS[name] === undefined ? typeIn(data) : name;
  return NOUNS[type.split('.')[0] ?? ''] ?? ['*'];
}

function typeIn(data: string): string {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== 'object' || parsed === null) return '';
    const { type, topic, kind } = parsed as Record<string, unknown>;
    return [type, topic, kind].find((value) => typeof value === 'string') ?? '';
  } catch {
    return '';
  }
}

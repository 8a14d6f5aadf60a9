/** What a test can see of one request. Times are epoch milliseconds. */
export interface RecordedRequest {
  readonly sequence: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly startedAtMs: number;
  readonly bodyBytes: number;
  /** The start of the body as text, up to `recordedBodyBytesMax` bytes. */
  readonly bodyText: string;
  readonly faults: readonly string[];
  readonly status?: number;
  readonly tokensProduced: number;
  readonly firstTokenAtMs?: number;
  readonly finishedAtMs?: number;
  /** When the client went away before the answer was complete. */
  readonly abortedAtMs?: number;
  readonly outcome: 'running' | 'completed' | 'aborted' | 'broken-by-fault';
}

export type RequestRecord = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] } & { readonly route: string };

interface PathCounts {
  requests: number;
  aborted: number;
  byStatus: Record<string, number>;
}

export interface SimulatorStats {
  readonly requests: number;
  readonly inFlight: number;
  readonly aborted: number;
  readonly tokensProduced: number;
  /** By path, those below /echo and /generate and unknown ones together, so that their number is bounded. */
  readonly paths: Readonly<Record<string, Readonly<PathCounts>>>;
}

/** Counts all requests and keeps the last `requestsMax` of them. */
export class RequestLog {
  private readonly ring: RequestRecord[] = [];
  private readonly paths = new Map<string, PathCounts>();
  private requests = 0;
  private inFlight = 0;
  private aborted = 0;
  private tokensProduced = 0;

  constructor(private readonly requestsMax: number) {}

  begin(route: string, started: Pick<RecordedRequest, 'method' | 'path' | 'query' | 'headers'>): RequestRecord {
    this.requests += 1;
    this.inFlight += 1;
    this.countsOf(route).requests += 1;
    const record: RequestRecord = {
      ...started,
      route,
      sequence: this.requests,
      startedAtMs: Date.now(),
      bodyBytes: 0,
      bodyText: '',
      faults: [],
      tokensProduced: 0,
      outcome: 'running',
    };
    if (this.requestsMax > 0) this.ring.push(record);
    if (this.ring.length > this.requestsMax) this.ring.shift();
    return record;
  }

  /** Called once per request, when its connection is done with it. `status` is absent when no headers were sent. */
  end(record: RequestRecord, complete: boolean, status: number | undefined): void {
    const counts = this.countsOf(record.route);
    this.inFlight -= 1;
    this.tokensProduced += record.tokensProduced;
    record.finishedAtMs = Date.now();
    if (status !== undefined) {
      record.status = status;
      counts.byStatus[status] = (counts.byStatus[status] ?? 0) + 1;
    }
    if (complete) record.outcome = 'completed';
    if (record.outcome !== 'running') return;
    record.outcome = 'aborted';
    record.abortedAtMs = record.finishedAtMs;
    this.aborted += 1;
    counts.aborted += 1;
  }

  recorded(): RecordedRequest[] {
    return this.ring.map(({ route: _route, ...record }) => record);
  }

  stats(): SimulatorStats {
    const { requests, inFlight, aborted, tokensProduced } = this;
    const paths = Object.fromEntries(
      [...this.paths].map(([route, counts]) => [route, { ...counts, byStatus: { ...counts.byStatus } }]),
    );
    return { requests, inFlight, aborted, tokensProduced, paths };
  }

  private countsOf(route: string): PathCounts {
    const counts = this.paths.get(route) ?? { requests: 0, aborted: 0, byStatus: {} };
    this.paths.set(route, counts);
    return counts;
  }
}

import type { UsageRecorded } from '@ecolink/contracts';
import type { SharedTotals } from '@ecolink/shared-state';
import { Counter, Gauge, register, Registry } from 'prom-client';
import type { BodyBudget } from '../listen/body-budget.js';
import type { UsageJournal } from '../settlement/journal/usage-journal.js';
import type { SlidingWindowLimiter } from '../admission/sliding-window.js';
import type { RouterState } from '../state/router-state.js';
import { gaugeShared } from './shared-gauges.js';
import { BoundedLabels } from './bounded-labels.js';
import { type Count, Tally } from './tally.js';
import { type Times, TimesTally } from './times-tally.js';

const SECONDS_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const TOKEN_SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const OVERHEAD_SECONDS_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1];
const MS_PER_SECOND = 1_000;
/** Instances and platform models that are told apart; those that come later are counted together. */
const TARGETS_MAX = 1_000;
/** As many have times of their own, each of which is a dozen numbers and more. */
const TIMED_TARGETS_MAX = 200;

/** Kinds of calls whose places to count are remembered. */
const SERIES_MAX = 10_000;

interface SeriesLabels {
  readonly endpoint: string;
  readonly outcome: string;
  readonly status: number;
  readonly target: string;
  /** Whose pods they are that count. */
  readonly kind: 'own' | 'platform';
  /** The target as times tell it: fewer are told apart. */
  readonly timed: string;
}

/** Where a call counts. */
interface CallSeries {
  readonly calls: Count;
  readonly targetCalls: Count;
  readonly inputTokens: readonly Count[];
  readonly outputTokens: readonly Count[];
  readonly duration: Times;
  /** Made by the first call that has such a time. */
  readonly ttft: () => Times;
  readonly perOutputToken: () => Times;
}

interface KindOfCall {
  readonly endpoint: string;
  readonly outcome: string;
  readonly status: number;
  readonly series: CallSeries;
}

/** What a router's gauges are read from. */
export interface MeteredParts {
  readonly state: RouterState;
  readonly journal: UsageJournal;
  readonly bodies: BodyBudget;
  readonly limiter: SlidingWindowLimiter;
  readonly shared: SharedTotals;
}

/** What operators see of a router; the names follow OpenTelemetry's conventions for generative AI where there is one. */
export class RouterMetrics {
  /** Of this router alone: a process may run several. */
  private readonly registry = new Registry();
  private readonly registers = [this.registry];
  private readonly targets = new BoundedLabels(TARGETS_MAX);
  private readonly timedTargets = new BoundedLabels(TIMED_TARGETS_MAX);
  private readonly calls = new Tally({
    name: 'ecolink_router_calls_total',
    help: 'Calls that were admitted, by end',
    registers: this.registers,
    labelNames: ['endpoint', 'outcome', 'status'],
  });
  private readonly refusals = new Tally({
    name: 'ecolink_router_refusals_total',
    help: 'Calls that the router refused',
    registers: this.registers,
    labelNames: ['code'],
  });
  private readonly lostRecords = new Counter({
    name: 'ecolink_router_usage_not_recorded_total',
    help: 'Calls whose usage the journal could not take: they were served and will not be billed',
    registers: this.registers,
  });
  private readonly targetCalls = new Tally({
    name: 'ecolink_router_target_calls_total',
    help: 'Calls that were admitted, by instance or platform model and by end',
    labelNames: ['target', 'outcome'],
    registers: this.registers,
  });
  private readonly targetTokens = new Tally({
    name: 'ecolink_router_target_tokens_total',
    help: 'Tokens metered, by instance or platform model',
    labelNames: ['target', 'gen_ai_token_type'],
    registers: this.registers,
  });
  private readonly ejections = new Counter({
    name: 'ecolink_router_region_ejections_total',
    help: 'Times that a region was left out for an instance because calls to it failed',
    registers: this.registers,
    labelNames: ['region'],
  });
  private readonly tokens = new Tally({
    name: 'gen_ai_client_token_usage_total',
    help: 'Tokens metered; what pods of customers report of their own instances is told apart',
    registers: this.registers,
    labelNames: ['gen_ai_token_type', 'target_kind'],
  });
  private readonly duration = new TimesTally({
    name: 'gen_ai_server_request_duration_seconds',
    help: 'Time from admission to the end of a call, by endpoint and by instance or platform model',
    registers: this.registers,
    buckets: SECONDS_BUCKETS,
  });
  private readonly ttft = new TimesTally({
    name: 'gen_ai_server_time_to_first_token_seconds',
    help: 'Time to the first output, by instance or platform model',
    registers: this.registers,
    buckets: SECONDS_BUCKETS,
  });

  private readonly perOutputToken = new TimesTally({
    name: 'gen_ai_server_time_per_output_token_seconds',
    help: 'Time between output tokens after the first one, of streams, by instance or platform model',
    registers: this.registers,
    buckets: TOKEN_SECONDS_BUCKETS,
  });
  private readonly overhead = new TimesTally({
    name: 'ecolink_router_overhead_seconds',
    help: 'Time that the router itself took before it sent a call on',
    registers: this.registers,
    buckets: OVERHEAD_SECONDS_BUCKETS,
  });
  private readonly allOverhead = this.overhead.of('', () => ({}));
  private readonly series = new Map<string, CallSeries>();
  /** Of each target the kind of its last call, which mostly is that of its next. */
  private readonly lastSeries = new Map<string | number, KindOfCall>();

  constructor(parts: MeteredParts) {
    const { state, journal, bodies } = parts;
    gaugeShared(parts, this.registers);
    new Gauge({
      name: 'ecolink_router_state_age_seconds',
      aggregator: 'max',
      help: 'Time since the owner last confirmed this part of the router state',
      registers: this.registers,
      labelNames: ['projection'],
      collect(): void {
        for (const projection of state.all) this.set({ projection: projection.name }, projection.ageMs() / MS_PER_SECOND);
      },
    });
    new Gauge({
      name: 'ecolink_router_state_entries',
      aggregator: 'max',
      help: 'Entries of this part of the router state',
      registers: this.registers,
      labelNames: ['projection'],
      collect(): void {
        for (const projection of state.all) this.set({ projection: projection.name }, projection.size);
      },
    });
    new Gauge({
      name: 'ecolink_router_journal_waiting_bytes',
      help: 'Usage that the bus has not acknowledged',
      registers: this.registers,
      collect(): void {
        this.set(journal.waitingBytes);
      },
    });
    new Gauge({
      name: 'ecolink_router_bodies_bytes',
      help: 'Request bodies that are held for calls in flight',
      registers: this.registers,
      collect(): void {
        this.set(bodies.held);
      },
    });
  }

  /** @param overheadMs undefined for a call that was never sent on. */
  observeCall(event: UsageRecorded, durationMs: number, overheadMs: number | undefined): void {
    const { units, ttft_ms: ttftMs } = event;
    const series = this.seriesOf(event);
    series.calls.count += 1;
    series.targetCalls.count += 1;
    series.duration.observe(durationMs / MS_PER_SECOND);
    if (overheadMs !== undefined) this.allOverhead.observe(overheadMs / MS_PER_SECOND);
    for (const input of series.inputTokens) input.count += units.input_tokens ?? 0;
    for (const output of series.outputTokens) output.count += units.output_tokens ?? 0;
    if (ttftMs === null) return;
    series.ttft().observe(ttftMs / MS_PER_SECOND);
    const tokensAfterFirst = (units.output_tokens ?? 0) - 1;
    if (tokensAfterFirst > 0 && durationMs > ttftMs)
      series.perOutputToken().observe((durationMs - ttftMs) / tokensAfterFirst / MS_PER_SECOND);
  }

  /** Calls alike count in the same places; finding each of them anew would cost more than counting. */
  private seriesOf(event: UsageRecorded): CallSeries {
    const { endpoint, outcome, status } = event;
    const whose = event.instance_id ?? event.platform_model_id ?? '';
    const last = this.lastSeries.get(whose);
    if (last?.endpoint === endpoint && last.outcome === outcome && last.status === status) return last.series;
    const series = this.findSeries(event);
    if (this.lastSeries.size >= SERIES_MAX) this.lastSeries.clear();
    this.lastSeries.set(whose, { endpoint, outcome, status, series });
    return series;
  }

  private findSeries(event: UsageRecorded): CallSeries {
    const endpoint = event.endpoint.startsWith('/v1/') ? event.endpoint : 'proxy';
    const { outcome, status } = event;
    const name = targetOf(event);
    const target = this.targets.of(name);
    // A target that is told as one of the others has no times of its own either.
    const kind = event.platform_model_id === null ? 'own' : 'platform';
    const key = `${target} ${kind} ${endpoint} ${outcome} ${status}`;
    let series = this.series.get(key);
    if (series === undefined) {
      series = this.makeSeries({ endpoint, outcome, status, target, kind, timed: this.timedTargets.of(name) });
      if (this.series.size >= SERIES_MAX) this.series.clear();
      this.series.set(key, series);
    }
    return series;
  }

  private makeSeries({ endpoint, outcome, status, target, kind, timed }: SeriesLabels): CallSeries {
    const tokens = (type: 'input' | 'output'): Count[] => [
      this.tokens.of(`${kind} ${type}`, () => ({ gen_ai_token_type: type, target_kind: kind })),
      this.targetTokens.of(`${target} ${type}`, () => ({ target, gen_ai_token_type: type })),
    ];
    const times = (tally: TimesTally) => (): Times => tally.of(timed, () => ({ target: timed }));
    return {
      calls: this.calls.of(`${endpoint} ${outcome} ${status}`, () => ({ endpoint, outcome, status })),
      targetCalls: this.targetCalls.of(`${target} ${outcome}`, () => ({ target, outcome })),
      inputTokens: tokens('input'),
      outputTokens: tokens('output'),
      duration: this.duration.of(`${endpoint} ${timed}`, () => ({ endpoint, target: timed })),
      ttft: times(this.ttft),
      perOutputToken: times(this.perOutputToken),
    };
  }

  observeEjection(region: string): void {
    this.ejections.inc({ region });
  }

  observeLostRecord(): void {
    this.lostRecords.inc();
  }

  observeRefusal(code: string): void {
    this.refusals.of(code, () => ({ code })).count += 1;
  }

  /** This router's, and what the process counts beside it. */
  get registries(): Registry[] {
    return [register, this.registry];
  }

  /** Prometheus text. */
  text(): Promise<string> {
    return Registry.merge(this.registries).metrics();
  }

  get contentType(): string {
    return register.contentType;
  }
}

function targetOf(event: UsageRecorded): string {
  return event.platform_model_id === null ? `instance:${event.instance_id ?? 0}` : `platform:${event.platform_model_id}`;
}

import type { UsageRecorded } from '@ecolink/contracts';
import { Counter, Gauge, Histogram, register } from 'prom-client';
import type { UsageJournal } from '../journal/usage-journal.js';
import type { RouterState } from '../state/router-state.js';

const SECONDS_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const MS_PER_SECOND = 1_000;

/** What operators see of a router; the names follow OpenTelemetry's conventions for generative AI where there is one. */
export class RouterMetrics {
  private readonly calls = new Counter({
    name: 'ecolink_router_calls_total',
    help: 'Calls that were admitted, by end',
    labelNames: ['endpoint', 'outcome', 'status'],
  });
  private readonly refusals = new Counter({
    name: 'ecolink_router_refusals_total',
    help: 'Calls that the router refused',
    labelNames: ['code'],
  });
  private readonly tokens = new Counter({
    name: 'gen_ai_client_token_usage_total',
    help: 'Tokens metered',
    labelNames: ['gen_ai_token_type'],
  });
  private readonly duration = new Histogram({
    name: 'gen_ai_server_request_duration_seconds',
    help: 'Time from admission to the end of a call',
    labelNames: ['endpoint'],
    buckets: SECONDS_BUCKETS,
  });
  private readonly ttft = new Histogram({
    name: 'gen_ai_server_time_to_first_token_seconds',
    help: 'Time to the first output',
    buckets: SECONDS_BUCKETS,
  });

  constructor(state: RouterState, journal: () => UsageJournal) {
    new Gauge({
      name: 'ecolink_router_state_age_seconds',
      help: 'Time since the owner last confirmed this part of the router state',
      labelNames: ['projection'],
      collect(): void {
        for (const projection of state.all) this.set({ projection: projection.name }, projection.ageMs() / MS_PER_SECOND);
      },
    });
    new Gauge({
      name: 'ecolink_router_state_entries',
      help: 'Entries of this part of the router state',
      labelNames: ['projection'],
      collect(): void {
        for (const projection of state.all) this.set({ projection: projection.name }, projection.size);
      },
    });
    new Gauge({
      name: 'ecolink_router_journal_waiting_bytes',
      help: 'Usage that the bus has not acknowledged',
      collect(): void {
        this.set(journal().waitingBytes);
      },
    });
  }

  observeCall(event: UsageRecorded, durationMs: number): void {
    const endpoint = event.endpoint.startsWith('/v1/') ? event.endpoint : 'proxy';
    this.calls.inc({ endpoint, outcome: event.outcome, status: event.status });
    this.duration.observe({ endpoint }, durationMs / MS_PER_SECOND);
    if (event.ttft_ms !== null) this.ttft.observe(event.ttft_ms / MS_PER_SECOND);
    this.tokens.inc({ gen_ai_token_type: 'input' }, event.units.input_tokens ?? 0);
    this.tokens.inc({ gen_ai_token_type: 'output' }, event.units.output_tokens ?? 0);
  }

  observeRefusal(code: string): void {
    this.refusals.inc({ code });
  }

  /** Prometheus text. */
  text(): Promise<string> {
    return register.metrics();
  }

  get contentType(): string {
    return register.contentType;
  }
}

import { ApiError, type InstanceMetrics, type InstanceMetricsRequest } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, SETTINGS, type Settings } from '../injection.js';
import { type MetricsRow, readInstanceMetrics } from './instance-metrics.store.js';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
const NONE: MetricsRow = {
  ...{ at: null, calls: 0, errors: 0, refused: 0, input_tokens: 0n, cached_input_tokens: 0n, output_tokens: 0n },
  ...{ cost_nano_usd: 0n, ttft_ms_p50: null, ttft_ms_p95: null, duration_ms_p50: null },
};

/** An instance's calls over time, from the request log. */
@Injectable()
export class InstanceMetricsReport {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async read(ask: InstanceMetricsRequest): Promise<InstanceMetrics> {
    const { from, to } = this.rangeOf(ask);
    const seconds = (to.getTime() - from.getTime()) / SECOND_MS;
    const stepSeconds = Math.max(1, Math.ceil(seconds / ask.buckets));
    const measured = { accountId: ask.account_id, instanceId: ask.instance_id, model: ask.model };
    const rows = await readInstanceMetrics(this.database.client, measured, { from, to }, stepSeconds);
    const byStep = new Map(rows.map((row) => [row.at?.getTime(), row]));
    const steps = Array.from(
      { length: Math.ceil(seconds / stepSeconds) },
      (_, index) => from.getTime() + index * stepSeconds * SECOND_MS,
    );
    return {
      object: 'list',
      from: from.toISOString(),
      to: to.toISOString(),
      step_seconds: stepSeconds,
      data: steps.map((atMs) => ({
        at: new Date(atMs).toISOString(),
        ...figuresOf(byStep.get(atMs) ?? NONE, Math.min(stepSeconds, (to.getTime() - atMs) / SECOND_MS)),
      })),
      total: figuresOf(byStep.get(undefined) ?? NONE, seconds),
    };
  }

  /** No further back than the log is kept. */
  private rangeOf(ask: InstanceMetricsRequest): { from: Date; to: Date } {
    const nowMs = this.clock().getTime();
    const oldestMs = nowMs - this.settings.requestLogDays * DAY_MS;
    const to = ask.to ?? new Date(nowMs);
    const from = new Date(Math.max(oldestMs, (ask.from ?? new Date(to.getTime() - DAY_MS)).getTime()));
    if (from >= to) {
      const message = `from: must be before \`to\`, and \`to\` within the ${this.settings.requestLogDays} days that the log is kept`;
      throw new ApiError('invalid_request', message, { param: 'from' });
    }
    return { from, to: new Date(Math.min(to.getTime(), nowMs + DAY_MS)) };
  }
}

function figuresOf(row: MetricsRow, seconds: number): InstanceMetrics['total'] {
  return {
    calls: row.calls,
    calls_per_second: Math.round((row.calls / seconds) * 1_000) / 1_000,
    errors: row.errors,
    refused: row.refused,
    input_tokens: Number(row.input_tokens),
    cached_input_tokens: Number(row.cached_input_tokens),
    output_tokens: Number(row.output_tokens),
    cost_nano_usd: row.cost_nano_usd.toString(),
    ttft_ms_p50: tenths(row.ttft_ms_p50),
    ttft_ms_p95: tenths(row.ttft_ms_p95),
    duration_ms_p50: tenths(row.duration_ms_p50),
  };
}

function tenths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

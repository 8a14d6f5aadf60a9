import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { countText, roundedText } from '../../format/count.js';
import { latencyText } from '../../format/duration.js';
import { moneyText, nanoUsd } from '../../format/money.js';
import { clockText, recentText } from '../../format/time.js';
import { text } from '../../text/index.js';
import type { ChartPoint } from '../../ui/chart-paths.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { TimeChart } from '../../ui/time-chart.js';
import { useZone } from '../session/queries.js';
import { type InstanceMetrics, metricsQuery, type Range, RANGES } from './metrics-query.js';
import styles from './instance.module.css';

const PERCENT = 100;

/** What calls to an instance did over time. A server that does not count them leaves the part out. */
export function MetricsOverTime({ id }: { readonly id: number }) {
  const [range, setRange] = useState<Range>('1h');
  const { data: metrics, error } = useQuery(metricsQuery(id, range));
  const zone = useZone();
  const t = text.instance.metrics;
  if (metrics === undefined && error !== null) return null;
  const ranges = (Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t.ranges[value] }));
  return (
    <section className={styles.metrics} aria-labelledby="metrics">
      <div className={styles.metricsHead}>
        <h2 className={styles.cardTitle} id="metrics">
          {t.title}
          <span className={styles.cardNote}>{t.zone(zone)}</span>
        </h2>
        <SegmentedControl size="xs" aria-label={t.range} value={range} onChange={setRange} data={ranges} />
      </div>
      {metrics === undefined ? <RowsLoading rows={4} /> : <Charts metrics={metrics} range={range} zone={zone} />}
    </section>
  );
}

interface ChartsProps {
  readonly metrics: InstanceMetrics;
  readonly range: Range;
  readonly zone: string;
}

function Charts({ metrics: { data, total, step_seconds: stepSeconds }, range, zone }: ChartsProps) {
  const t = text.instance.metrics;
  type Step = InstanceMetrics['data'][number];
  const pointsOf = (valueOf: (step: Step) => number | null): ChartPoint[] =>
    data.map((step) => ({ at: Date.parse(step.at), value: valueOf(step) }));
  const peak = (points: readonly ChartPoint[]): number => Math.max(0, ...points.map(({ value }) => value ?? 0));
  const shared = {
    timeText: (at: number) => (range === '1h' || range === '24h' ? clockText(at, zone) : recentText(at, zone)),
    asTable: t.asTable,
  };
  const rate = (value: number): string => `${roundedText(value)} ${t.perSecond}`;
  const calls = pointsOf((step) => step.calls_per_second);
  const output = pointsOf((step) => step.output_tokens / stepSeconds);
  const columns = (name: string) => [t.time, name] as const;
  return (
    <div className={styles.charts}>
      <TimeChart
        {...shared}
        title={t.calls}
        color="c1"
        points={calls}
        figure={rate(total.calls_per_second)}
        note={t.peak(roundedText(peak(calls)))}
        valueText={rate}
        columns={columns(t.calls)}
      />
      <TimeChart
        {...shared}
        title={t.ttft}
        color="c2"
        points={pointsOf((step) => step.ttft_ms_p50)}
        figure={total.ttft_ms_p50 === null ? text.ui.none : `${latencyText(total.ttft_ms_p50)} p50`}
        note={total.ttft_ms_p95 === null ? undefined : `p95 ${latencyText(total.ttft_ms_p95)}`}
        valueText={latencyText}
        columns={columns(t.ttft)}
      />
      <TimeChart
        {...shared}
        title={t.output}
        color="c5"
        points={output}
        figure={countText(total.output_tokens)}
        note={t.tokensIn(countText(total.input_tokens))}
        valueText={(value) => `${roundedText(value)} ${t.tokensPerSecond}`}
        columns={columns(t.tokensPerSecond)}
      />
      <TimeChart
        {...shared}
        title={t.errors}
        color="c4"
        points={pointsOf((step) => (step.calls === 0 ? null : (step.errors / step.calls) * PERCENT))}
        figure={total.calls === 0 ? text.ui.none : `${((total.errors / total.calls) * PERCENT).toFixed(2)} %`}
        note={t.errorsOf(countText(total.errors), countText(total.calls), countText(total.refused))}
        valueText={(value) => `${value.toFixed(2)} %`}
        columns={columns(t.errors)}
      />
      <TimeChart
        {...shared}
        title={t.cost}
        color="c3"
        points={pointsOf((step) => Number(nanoUsd(step.cost_nano_usd)))}
        figure={moneyText(nanoUsd(total.cost_nano_usd))}
        note={t.costNote}
        valueText={(value) => moneyText(BigInt(value))}
        columns={columns(t.cost)}
      />
      <TimeChart
        {...shared}
        title={t.duration}
        color="c6"
        points={pointsOf((step) => step.duration_ms_p50)}
        figure={total.duration_ms_p50 === null ? text.ui.none : `${latencyText(total.duration_ms_p50)} p50`}
        valueText={latencyText}
        columns={columns(t.duration)}
      />
    </div>
  );
}

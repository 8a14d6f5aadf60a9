import { SegmentedControl, Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { toProblem } from '../../api/problem.js';
import { countText } from '../../format/count.js';
import { moneyText, nanoUsd } from '../../format/money.js';
import { daysBetween } from '../../format/zoned.js';
import { text } from '../../text/index.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { useKeyName } from '../requests/key-names.js';
import { useZone } from '../session/queries.js';
import styles from './billing.module.css';
import { CostTable } from './cost-table.js';
import { type Group, GROUPS, type Range, RANGES, type Usage, usageQuery } from './queries.js';
import { seriesOf } from './series.js';

const CostBars = lazy(() => import('./cost-bars.js'));
const DAYS_MAX = 100;
const CHART_HEIGHT = 190;

interface CostChartProps {
  readonly group: Group;
  readonly range: Range;
  readonly onChange: (next: { readonly by?: Group; readonly range?: Range }) => void;
}

/** What calls cost a day, by one property of theirs. */
export function CostChart({ group, range, onChange }: CostChartProps) {
  const zone = useZone();
  const { data, error } = useQuery(usageQuery(group, range, zone));
  const t = text.billing.chart;
  return (
    <section className={styles.card} aria-labelledby="cost-per-day">
      <div className={styles.cardHead}>
        <h2 className={styles.cardTitle} id="cost-per-day">
          {t.title} <span className={styles.cardNote}>{t.note(zone)}</span>
        </h2>
        <SegmentedControl
          aria-label={t.by}
          value={group}
          onChange={(by) => onChange({ by })}
          data={GROUPS.map((value) => ({ value, label: t.groups[value] }))}
        />
        <Select
          aria-label={t.range}
          className={styles.range}
          value={range}
          onChange={(value) => onChange({ range: RANGES.find((known) => known === value) ?? 'month' })}
          data={RANGES.map((value) => ({ value, label: t.ranges[value] }))}
        />
      </div>
      {data === undefined && error === null && <Skeleton height={CHART_HEIGHT} aria-busy="true" />}
      {data === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
      {data !== undefined && <Chart usage={data} group={group} />}
    </section>
  );
}

function Chart({ usage, group }: { readonly usage: Usage; readonly group: Group }) {
  const keyName = useKeyName();
  const t = text.billing.chart;
  const total = moneyText(nanoUsd(usage.totals.cost_nano_usd));
  if (usage.data.length === 0)
    return (
      <p className={styles.quiet}>
        <strong>{t.empty}.</strong> {t.emptyBody}
      </p>
    );
  const days = daysBetween(new Date(usage.from), new Date(usage.to), usage.time_zone, DAYS_MAX);
  const nameOf = group === 'key' ? keyName : (value: string) => value;
  const series = seriesOf(usage.data, group, { nameOf, none: t.none[group], others: t.others });
  return (
    <>
      <div role="img" aria-label={t.label(total, days.length)}>
        <Suspense fallback={<Skeleton height={CHART_HEIGHT} aria-busy="true" />}>
          <CostBars days={days} series={series} />
        </Suspense>
      </div>
      <ul className={styles.legend}>
        {series.map(({ name, label, color, total: sum }) => (
          <li key={name}>
            <span className={styles.swatch} style={{ background: color }} aria-hidden="true" />
            {label} <span className={styles.quiet}>{moneyText(sum)}</span>
          </li>
        ))}
      </ul>
      <p className={styles.quiet}>
        {t.total(total, countText(usage.totals.calls))}
        {usage.truncated && ` ${t.truncated}`}
      </p>
      <CostTable days={days} series={series} />
    </>
  );
}

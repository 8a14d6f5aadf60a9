import { queryOptions, useQuery } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { Problem, toProblem } from '../../api/problem.js';
import { durationTextShort, latencyText } from '../../format/duration.js';
import { clockTextWithSeconds } from '../../format/time.js';
import { text } from '../../text/index.js';
import { operatorText } from '../../text/operator.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { Section } from '../../ui/section.js';
import { StatCard } from '../../ui/stat-card.js';
import table from '../../ui/table.module.css';
import { adminApi, type Overview } from '../api.js';
import styles from './overview.module.css';

const REFRESH_MS = 15_000;
const NOT_FOUND = 404;
const PERCENT = 100;
const t = operatorText.overview;

const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: () => take(adminApi.GET('/admin/v1/overview')),
  refetchInterval: ({ state }) => (state.error === null ? REFRESH_MS : false),
  retry: (failures, error) => failures < 1 && !(error instanceof Problem && error.status === NOT_FOUND),
});

/** Calls, errors, first tokens, billing's lag and the routers, as they are now. An older server leaves the part out. */
export function LiveFigures() {
  const { data, error } = useQuery(overviewQuery);
  if (data !== undefined) return <Figures overview={data} />;
  if (error === null || toProblem(error).status === NOT_FOUND) return null;
  return <ProblemNotice problem={toProblem(error)} />;
}

function Figures({ overview: { at, calls, billing, ledger, routers } }: { readonly overview: Overview }) {
  const msText = (ms: number | null): string => (ms === null ? text.ui.none : latencyText(ms));
  return (
    <>
      <div className={styles.cards}>
        <StatCard label={t.calls} value={`${calls.per_second.toFixed(1)} /s`}>
          {t.refused(calls.refused_per_second.toFixed(1))}
        </StatCard>
        <StatCard
          label={t.errors}
          value={calls.error_ratio === null ? text.ui.none : `${(calls.error_ratio * PERCENT).toFixed(2)} %`}
        >
          {t.errorsNote}
        </StatCard>
        <StatCard label={t.ttft} value={msText(calls.ttft_ms.p50)}>{`p95 ${msText(calls.ttft_ms.p95)}`}</StatCard>
        <StatCard label={t.lag} value={msText(billing.posting_lag_ms.p50)}>
          {t.lagMax(msText(billing.posting_lag_ms.max))}
        </StatCard>
        <StatCard label={t.ledger} value={ledger.problems === 0 ? t.fine : String(ledger.problems)}>
          {ledger.verified_at === null ? t.notVerified : t.verified(clockTextWithSeconds(ledger.verified_at))}
        </StatCard>
      </div>
      <Section title={t.routers} note={t.asOf(clockTextWithSeconds(at))}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">{t.columns.router}</th>
              <th scope="col">{t.columns.seen}</th>
              <th scope="col">{t.columns.ages}</th>
            </tr>
          </thead>
          <tbody>
            {routers.map(({ router_id: id, seen_at: seen, state_age_ms: ages }) => (
              <tr key={id}>
                <td className={table.whole}>
                  <span className="mono">{id}</span>
                </td>
                <td data-l={t.columns.seen}>{t.ago(durationTextShort(Date.parse(at) - Date.parse(seen)))}</td>
                <td data-l={t.columns.ages}>
                  {Object.entries(ages)
                    .map(([topic, ms]) => `${topic} ${latencyText(ms)}`)
                    .join(' · ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </>
  );
}

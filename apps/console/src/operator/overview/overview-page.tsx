import { useQuery } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { operatorText } from '../../text/operator.js';
import { text } from '../../text/index.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { StatCard } from '../../ui/stat-card.js';
import { PageLink } from '../address.js';
import { adminApi } from '../api.js';
import { TrialBalance } from '../ledger/trial-balance.js';
import { listOfQuery } from '../parts/list-of-query.js';
import { OperatorPage } from '../parts/operator-page.js';
import { regionsQuery } from '../regions/queries.js';
import { RegionsTable } from '../regions/regions-table.js';
import { LiveFigures } from './live-figures.js';
import styles from './overview.module.css';

const t = operatorText.overview;
const LIMIT = 100;

const deadLettersQuery = {
  queryKey: ['dead-letters', 'count'],
  queryFn: async () => {
    const { data, has_more } = await take(adminApi.GET('/admin/v1/dead-letters', { params: { query: { limit: LIMIT } } }));
    return { waiting: data.filter(({ replayed_at }) => replayed_at === null).length, isAll: !has_more };
  },
  refetchOnWindowFocus: false,
};

/** Regions, events that were given up, and the books. */
export function OverviewPage() {
  const regions = useQuery(regionsQuery);
  const active = regions.data?.filter(({ state }) => state === 'active') ?? [];
  return (
    <OperatorPage title={operatorText.pages.overview}>
      <LiveFigures />
      <div className={styles.cards}>
        <StatCard
          label={t.regions}
          value={
            regions.data === undefined ? text.ui.none : t.healthy(active.filter(({ healthy }) => healthy).length, active.length)
          }
        >
          {regions.data === undefined ? '' : t.inactive(regions.data.length - active.length)}
        </StatCard>
        <DeadLetters />
      </div>
      <h2 className={styles.heading}>{operatorText.pages.regions}</h2>
      <RegionsTable list={listOfQuery(regions)} />
      <h2 className={styles.heading}>{operatorText.ledger.trialBalance}</h2>
      <TrialBalance />
    </OperatorPage>
  );
}

function DeadLetters() {
  const { data, error } = useQuery(deadLettersQuery);
  if (error !== null) return <ProblemNotice problem={toProblem(error)} />;
  return (
    <StatCard
      label={operatorText.pages.deadLetters}
      value={data === undefined ? text.ui.none : t.waiting(data.waiting, data.isAll)}
    >
      <PageLink page="dead-letters">{t.open}</PageLink>
    </StatCard>
  );
}

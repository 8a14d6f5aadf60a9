import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { recentText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { StateDot } from '../../ui/state-dot.js';
import { useZone } from '../session/queries.js';
import styles from './instance.module.css';
import { stateOf } from './states.js';

const SHOWN = 20;

const eventsQuery = (id: number) =>
  queryOptions({
    queryKey: ['instances', 'events', id],
    queryFn: async () =>
      (await take(api.GET('/api/v1/instances/{id}/events', { params: { path: { id: String(id) }, query: { limit: SHOWN } } })))
        .data,
  });

/** What happened to an instance, newest first, each with its cause. */
export function Events({ id }: { readonly id: number }) {
  const zone = useZone();
  const { data: events, error } = useQuery(eventsQuery(id));
  return (
    <section className={styles.card}>
      <h2 className={styles.cardTitle}>{text.instance.events}</h2>
      {events === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
      {events?.length === 0 && <p className={styles.quiet}>{text.instance.noEvents}</p>}
      <ol className={styles.timeline}>
        {events?.map((event) => {
          const { kind, word } = stateOf({
            state: event.to_state,
            degraded: event.degraded,
            status_reason: null,
            termination_reason: null,
          });
          return (
            <li key={event.id} className={styles.event}>
              <time className={styles.at} dateTime={event.occurred_at}>
                {recentText(event.occurred_at, zone)}
              </time>
              <StateDot kind={kind} word={word} cause={event.reason ?? event.kind.replaceAll('_', ' ')} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

import { Button } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import styles from './instance.module.css';

const logsQuery = (id: number) =>
  queryOptions({
    queryKey: ['instances', 'logs', id],
    queryFn: async () => take(api.GET('/api/v1/instances/{id}/logs', { params: { path: { id: String(id) } } })),
    retry: false,
  });

interface PodLog {
  readonly region: string;
  readonly problem: string | null;
  readonly pod: { readonly id: string; readonly lines: readonly string[] } | undefined;
}

/** What the pods wrote, as far as their driver keeps it; asked for only when someone wants it. */
export function Logs({ id }: { readonly id: number }) {
  const [shown, setShown] = useState(false);
  const { data: logs, error, isFetching, refetch } = useQuery({ ...logsQuery(id), enabled: shown });
  const t = text.instance;
  const pods: PodLog[] = (logs?.deployments ?? []).flatMap(({ region, problem, pods: here }): PodLog[] =>
    here.length === 0 ? [{ region, problem, pod: undefined }] : here.map((pod) => ({ region, problem, pod })),
  );
  return (
    <section className={styles.card} aria-labelledby="logs">
      <div className={styles.metricsHead}>
        <h2 className={styles.cardTitle} id="logs">
          {t.logs}
        </h2>
        <Button variant="default" size="xs" loading={isFetching} onClick={() => (shown ? void refetch() : setShown(true))}>
          {shown ? t.logsAgain : t.logsShow}
        </Button>
      </div>
      {error !== null && <ProblemNotice problem={toProblem(error)} />}
      {pods.map(({ region, problem, pod }) => (
        <div key={`${region} ${pod?.id ?? ''}`} className={styles.logOf}>
          <span className={styles.quiet}>{[region, pod?.id].filter(Boolean).join(' · ')}</span>
          {problem !== null && <p>{problem}</p>}
          {pod?.lines.length === 0 && <p className={styles.quiet}>{t.noLogs}</p>}
          {pod !== undefined && pod.lines.length > 0 && (
            <pre className={styles.log} tabIndex={0} aria-label={t.logsOf(pod.id)}>
              {pod.lines.join('\n')}
            </pre>
          )}
        </div>
      ))}
    </section>
  );
}

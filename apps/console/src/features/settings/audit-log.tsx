import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { toProblem } from '../../api/problem.js';
import { dateTimeText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { Section } from '../../ui/section.js';
import table from '../../ui/table.module.css';
import { useZone } from '../session/queries.js';
import { auditQuery } from './queries.js';
import styles from './settings.module.css';

/** Every change to the account, newest first; for owners. */
export function AuditLog() {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(auditQuery);
  const zone = useZone();
  const { columns, ...t } = text.settings.audit;
  if (data === undefined) return error === null ? <RowsLoading rows={6} /> : <ProblemNotice problem={toProblem(error)} />;
  const entries = data.pages.flatMap((page) => page.data);
  return (
    <>
      <Section title={t.title} note={t.note(zone)}>
        {entries.length === 0 && <p className={styles.empty}>{t.empty}</p>}
        {entries.length > 0 && (
          <table className={`${table.table ?? ''} ${styles.table ?? ''}`}>
            <thead>
              <tr>
                <th scope="col">{columns.at}</th>
                <th scope="col">{columns.actor}</th>
                <th scope="col">{columns.action}</th>
                <th scope="col">{columns.target}</th>
                <th scope="col">{columns.change}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td className={table.whole}>{dateTimeText(entry.at, zone)}</td>
                  <td data-l={columns.actor}>
                    {entry.actor.name}
                    <span className={table.sub}>{t.actors[entry.actor.kind]}</span>
                  </td>
                  <td data-l={columns.action}>
                    <span className="mono">{entry.action}</span>
                  </td>
                  <td data-l={columns.target}>
                    <span className={`mono ${table.sub ?? ''}`}>{entry.target}</span>
                  </td>
                  <td data-l={columns.change}>
                    <Change before={entry.before} after={entry.after} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t.more}
        </Button>
      )}
    </>
  );
}

function Change({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const t = text.settings.audit;
  if (before === null && after === null) return text.ui.none;
  return (
    <details>
      <summary className={styles.summary}>{t.change}</summary>
      {before !== null && <State label={t.before} value={before} />}
      {after !== null && <State label={t.after} value={after} />}
    </details>
  );
}

function State({ label, value }: { readonly label: string; readonly value: unknown }) {
  return (
    <div className={styles.state}>
      {label}
      <pre className={styles.json}>{JSON.stringify(value, undefined, 2)}</pre>
    </div>
  );
}

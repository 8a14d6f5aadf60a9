import { text } from '../../text/index.js';
import { toneOf } from './outcome.js';
import type { RequestRow } from './queries.js';
import styles from './requests.module.css';

/** Status, then why: the code of a refusal, or how the answer ended. */
export function StatusTag({ request }: { readonly request: Pick<RequestRow, 'status' | 'outcome' | 'code'> }) {
  const { code, outcome } = request;
  const ended = outcome === 'completed' || outcome === 'refused' ? undefined : text.requests.outcomes[outcome].toLowerCase();
  const why = ended !== undefined && code !== null ? `${ended}: ${code}` : (code ?? ended);
  return (
    <span className={styles.statusCell}>
      <span className={`${styles.tag ?? ''} ${styles[toneOf(request)] ?? ''}`}>{request.status}</span>
      {why !== undefined && <span className={styles.why}>{why}</span>}
    </span>
  );
}

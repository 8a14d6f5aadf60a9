import { dateTimeText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { CodeTabs } from '../../ui/code-tabs.js';
import styles from '../../ui/form.module.css';
import { SecretDialog } from '../../ui/secret-dialog.js';
import { useZone } from '../session/queries.js';
import type { CreatedKey } from './queries.js';

interface CreatedDialogProps {
  readonly created: CreatedKey;
  readonly onDone: () => void;
}

/** The one time that a key is shown, after it was made or rotated. */
export function CreatedDialog({ created, onDone }: CreatedDialogProps) {
  const zone = useZone();
  const t = text.keys;
  const serveUntil = created.earlier_secrets_serve_until;
  const curl = `curl ${window.location.origin}/v1/models \\\n  -H "Authorization: Bearer ${created.prefix}…"`;
  return (
    <SecretDialog
      title={created.rotated_at === null ? t.createdTitle : t.rotatedTitle}
      warning={t.onlyTime}
      secret={created.key}
      copyLabel={t.copy}
      stored={t.stored}
      onDone={onDone}
    >
      <dl className={styles.facts}>
        <dt>{t.name}</dt>
        <dd>{created.name}</dd>
        <dt>{t.columns.tag}</dt>
        <dd>{created.source_tag === null ? text.ui.none : <span className={styles.tag}>{created.source_tag}</span>}</dd>
        <dt>{t.columns.expires}</dt>
        <dd>{created.expires_at === null ? t.never : dateTimeText(created.expires_at, zone)}</dd>
        {serveUntil !== null && (
          <>
            <dt>{t.earlier}</dt>
            <dd>{t.until(dateTimeText(serveUntil, zone))}</dd>
          </>
        )}
      </dl>
      {created.scopes.includes('inference') && (
        <CodeTabs name={t.tryIt} samples={[{ label: t.tryIt, language: 'curl', code: curl }]} />
      )}
    </SecretDialog>
  );
}

import { Link } from '@tanstack/react-router';
import { text } from '../../text/index.js';
import { Notice } from '../../ui/notice.js';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { useTitle } from '../../ui/use-title.js';
import { useOwnersOnly } from '../users/queries.js';
import { Account } from './account.js';
import { Alerts } from './alerts.js';
import { AuditLog } from './audit-log.js';
import { Profile } from './profile.js';
import styles from './settings.module.css';

export const SETTINGS_TABS = ['profile', 'account', 'alerts', 'audit'] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

/** A tab without `tab` in its address is the first one's alone. */
const TAB_MATCH = { exact: true, includeSearch: true };

export function SettingsPage({ tab }: { readonly tab: SettingsTab }) {
  const t = text.settings;
  useTitle(t.title);
  return (
    <>
      <PageHeader title={t.title} />
      <div className={page.content}>
        <nav aria-label={t.title} className={styles.tabs}>
          {SETTINGS_TABS.map((value) => (
            <Link
              key={value}
              to="/settings"
              search={{ tab: value === 'profile' ? undefined : value }}
              className={styles.tab}
              activeOptions={TAB_MATCH}
            >
              {t.tabs[value]}
            </Link>
          ))}
        </nav>
        <Panel tab={tab} />
      </div>
    </>
  );
}

function Panel({ tab }: { readonly tab: SettingsTab }) {
  const t = text.settings;
  const reason = useOwnersOnly(tab === 'audit' ? t.audit.ownersOnly : t.alerts.ownersOnly);
  if (tab === 'profile') return <Profile />;
  if (tab === 'account') return <Account />;
  if (reason !== undefined) return <Notice kind="info" title={reason} />;
  return tab === 'alerts' ? <Alerts /> : <AuditLog />;
}

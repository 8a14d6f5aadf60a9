import { Button } from '@mantine/core';
import { IconLogout, IconMapQuestion } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { queryClient } from '../api/query-client.js';
import nav from '../shell/nav.module.css';
import shell from '../shell/shell.module.css';
import { operatorText as t } from '../text/operator.js';
import { text } from '../text/index.js';
import { Empty } from '../ui/empty.js';
import { Logo } from '../ui/logo.js';
import { PageLink, usePage } from './address.js';
import styles from './operator.module.css';
import { PAGE_GROUPS } from './pages.js';
import { forgetToken } from './token.js';

/** Side bar and the page that the address names. */
export function OperatorShell() {
  const path = usePage();
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) main.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  const Page = PAGE_GROUPS.flat().find((page) => page.path === path)?.component ?? PageMissing;
  return (
    <div className={styles.shell}>
      <a className={shell.skip} href="#content">
        {text.shell.skip}
      </a>
      <aside className={styles.side} aria-label={t.brandNote}>
        <div className={styles.brand}>
          <Logo />
          <span>
            <span className={styles.brandName}>EcoLink</span>
            <span className={styles.brandNote}>{t.brandNote}</span>
          </span>
        </div>
        <nav className={nav.nav} aria-label={text.shell.navigation}>
          {PAGE_GROUPS.map((group) => (
            <ul key={group[0]?.path} className={nav.group}>
              {group.map(({ path: page, label, icon: Icon }) => (
                <li key={page}>
                  <PageLink page={page} className={nav.link} aria-current={page === path ? 'page' : undefined}>
                    <Icon size={17} stroke={1.6} aria-hidden="true" />
                    {label}
                  </PageLink>
                </li>
              ))}
            </ul>
          ))}
        </nav>
        <Button
          variant="subtle"
          justify="flex-start"
          leftSection={<IconLogout size={16} stroke={1.7} aria-hidden="true" />}
          onClick={() => {
            forgetToken();
            queryClient.clear();
          }}
        >
          {t.signOut}
        </Button>
      </aside>
      <main ref={main} id="content" tabIndex={-1} className={styles.main} key={path}>
        <Page />
      </main>
    </div>
  );
}

function PageMissing() {
  return (
    <div className={shell.content}>
      <h1 className="visually-hidden">{text.shell.missing}</h1>
      <Empty icon={IconMapQuestion} title={text.shell.missing} action={<PageLink page="">{t.pages.overview}</PageLink>}>
        {text.shell.missingBody}
      </Empty>
    </div>
  );
}

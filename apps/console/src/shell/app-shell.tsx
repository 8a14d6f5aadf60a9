import { Outlet } from '@tanstack/react-router';
import { useMediaQuery } from '@mantine/hooks';
import { useActiveAccount } from '../features/session/queries.js';
import { text } from '../text/index.js';
import { AccountSwitcher } from './account-switcher.js';
import { BalanceCard, BalanceFigure } from './balance-card.js';
import { Bell } from './bell.js';
import { BottomBar } from './bottom-bar.js';
import { ConnectionBar } from './connection-bar.js';
import { Nav } from './nav.js';
import { Search } from './search.js';
import styles from './shell.module.css';
import { useAccountOfOtherTabs } from './use-account-of-other-tabs.js';
import { useLiveStream } from './use-live-stream.js';
import { usePageFocus } from './use-page-focus.js';
import { UserMenu } from './user-menu.js';

const PHONE = '(max-width: 767px)';

/** Side bar and content; on phones a top bar, content and a bottom bar. */
export function AppShell() {
  const isPhone = useMediaQuery(PHONE, window.matchMedia(PHONE).matches);
  const stream = useLiveStream();
  const main = usePageFocus();
  const accountId = useActiveAccount()?.id;
  useAccountOfOtherTabs();
  return (
    <div className={isPhone ? styles.phone : styles.desktop}>
      <a className={styles.skip} href="#content">
        {text.shell.skip}
      </a>
      {isPhone ? (
        <aside key="top" className={styles.top} aria-label={text.shell.account}>
          <AccountSwitcher />
          <span className={styles.topEnd}>
            <BalanceFigure />
            <Search compact />
            <Bell />
          </span>
        </aside>
      ) : (
        <aside key="side" className={styles.side} aria-label={text.shell.account}>
          <AccountSwitcher />
          <Search />
          <Nav />
          <BalanceCard />
          <UserMenu />
        </aside>
      )}
      {/* The content keeps its place in both: a phone that is turned loses nothing of what was typed. */}
      <div className={isPhone ? styles.bare : styles.page}>
        <main ref={main} id="content" tabIndex={-1} className={styles.main}>
          <ConnectionBar stream={stream} />
          {/* Another account begins anew: nothing that was typed or opened in the former one stays. */}
          <Outlet key={accountId} />
        </main>
        {!isPhone && (
          <aside className={styles.bell} aria-label={text.shell.bell}>
            <Bell />
          </aside>
        )}
      </div>
      {isPhone && <BottomBar />}
    </div>
  );
}

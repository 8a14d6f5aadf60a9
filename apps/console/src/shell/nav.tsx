import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { unreadCountQuery } from '../features/notifications/queries.js';
import { text } from '../text/index.js';
import { NAV_ITEMS, type NavItem } from './nav-items.js';
import styles from './nav.module.css';

/** The pages, in two groups. */
export function Nav() {
  const groups = [1, 2]
    .map((group) => NAV_ITEMS.filter((item): boolean => (item.group as number) === group))
    .filter(({ length }) => length > 0);
  return (
    <nav aria-label={text.shell.navigation} className={styles.nav}>
      {groups.map((items, index) => (
        <ul key={index} className={styles.group}>
          {items.map((item) => (
            <li key={item.to}>
              <NavLink item={item} />
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

function NavLink({ item }: { readonly item: NavItem }) {
  const Icon = item.icon;
  return (
    <Link to={item.to} className={styles.link} activeProps={{ 'aria-current': 'page' }}>
      <Icon size={17} stroke={1.6} aria-hidden="true" />
      {item.label}
      {item.to === '/messages' && <Unread />}
    </Link>
  );
}

function Unread() {
  const count = useQuery(unreadCountQuery).data ?? 0;
  if (count === 0) return null;
  return (
    <span className={styles.unread}>
      {count}
      <span className="visually-hidden"> {text.shell.unread(count)}</span>
    </span>
  );
}

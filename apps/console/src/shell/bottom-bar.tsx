import { Menu, UnstyledButton } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { text } from '../text/index.js';
import { NAV_ITEMS } from './nav-items.js';
import styles from './bottom-bar.module.css';
import { UserMenuItems } from './user-menu.js';

/** The phones' navigation: the first pages, and a menu with all others. */
export function BottomBar() {
  const navigate = useNavigate();
  const first = NAV_ITEMS.filter(({ phone }) => phone);
  const others = NAV_ITEMS.filter(({ phone }) => !phone);
  return (
    <nav className={styles.bar} aria-label={text.shell.navigation}>
      {first.map(({ to, short, icon: Icon }) => (
        <Link key={to} to={to} className={styles.tab} activeProps={{ 'aria-current': 'page' }}>
          <Icon size={20} stroke={1.6} aria-hidden="true" />
          {short}
        </Link>
      ))}
      <Menu position="top-end" width={230}>
        <Menu.Target>
          <UnstyledButton className={styles.tab}>
            <IconDots size={20} stroke={1.6} aria-hidden="true" />
            {text.shell.more}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {others.map(({ to, label, icon: Icon }) => (
            <Menu.Item
              key={to}
              leftSection={<Icon size={16} stroke={1.6} aria-hidden="true" />}
              onClick={() => void navigate({ to })}
            >
              {label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <UserMenuItems />
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}

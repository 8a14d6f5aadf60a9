import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconDots, IconLogout, IconMoon, IconSettings, IconSun } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMe } from '../features/session/queries.js';
import { signOut } from '../features/session/sign-in.js';
import { text } from '../text/index.js';
import styles from './user-menu.module.css';

const THEMES = [
  { value: 'light', icon: IconSun },
  { value: 'dark', icon: IconMoon },
  { value: 'auto', icon: IconDeviceDesktop },
] as const;

/** The signed-in person: theme, settings, sign out. */
export function UserMenu() {
  const { user } = useMe();
  const name = user?.name ?? user?.email ?? '';
  return (
    <Menu position="top-start" width={210}>
      <Menu.Target>
        <UnstyledButton className={styles.button}>
          <span className={styles.avatar} aria-hidden="true">
            {initialsOf(name)}
          </span>
          <span className={styles.name}>{name}</span>
          <IconDots size={16} stroke={1.7} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <UserMenuItems />
      </Menu.Dropdown>
    </Menu>
  );
}

/** Of the first and the last word; of an address, its first two letters. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? `${words[0]?.charAt(0) ?? ''}${words.at(-1)?.charAt(0) ?? ''}` : name.slice(0, 2);
  return letters.toUpperCase();
}

/** The entries alone, for the phones' menu too. */
export function UserMenuItems() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  const leave = (): void => void signOut().then(() => navigate({ to: '/login' }));
  return (
    <>
      <Menu.Item
        leftSection={<IconSettings size={15} stroke={1.7} aria-hidden="true" />}
        onClick={() => void navigate({ to: '/settings' })}
      >
        {text.shell.settings}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Label>{text.shell.theme}</Menu.Label>
      {THEMES.map(({ value, icon: Icon }) => (
        <Menu.Item
          key={value}
          leftSection={<Icon size={15} stroke={1.7} aria-hidden="true" />}
          aria-current={colorScheme === value ? 'true' : undefined}
          className={colorScheme === value ? styles.chosen : undefined}
          onClick={() => setColorScheme(value)}
        >
          {text.shell.themes[value]}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item leftSection={<IconLogout size={15} stroke={1.7} aria-hidden="true" />} onClick={leave}>
        {text.session.signOut}
      </Menu.Item>
    </>
  );
}

import { Menu, UnstyledButton } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useActiveAccount, useMe } from '../features/session/queries.js';
import { text } from '../text/index.js';
import styles from './account-switcher.module.css';
import { useSwitchAccount } from './use-switch-account.js';

/** Which account is shown; another one changes everything on the page. */
export function AccountSwitcher() {
  const me = useMe();
  const active = useActiveAccount();
  const change = useSwitchAccount();
  if (active === undefined) return null;
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <UnstyledButton className={styles.button}>
          <span className={styles.initial} aria-hidden="true">
            {active.name.charAt(0).toUpperCase()}
          </span>
          <span className={styles.names}>
            <span className={styles.name}>{active.name}</span>
            <span className={styles.role}>{text.shell.roles[active.role]}</span>
          </span>
          <IconChevronDown size={16} stroke={1.7} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{text.shell.switchAccount}</Menu.Label>
        {me.accounts.map((account) => (
          <Menu.Item
            key={account.id}
            onClick={() => void change(account.id)}
            rightSection={
              account.id === active.id ? <IconCheck size={15} stroke={1.8} aria-label={text.shell.noRoleChange} /> : undefined
            }
          >
            <span className={styles.name}>{account.name}</span>{' '}
            <span className={styles.role}>{text.shell.roles[account.role]}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

import { ActionIcon, UnstyledButton } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { text } from '../text/index.js';
import styles from './shell.module.css';

const CommandPalette = lazy(() => import('./command-palette.js'));

/** The search box of the side bar; ⌘K opens it from anywhere. */
export function Search({ compact = false }: { readonly compact?: boolean }) {
  const [opened, setOpened] = useState(false);
  useHotkeys([['mod+K', () => setOpened(true)]], []);
  return (
    <>
      {compact ? (
        <ActionIcon size={40} aria-label={text.shell.search} onClick={() => setOpened(true)}>
          <IconSearch size={20} stroke={1.6} />
        </ActionIcon>
      ) : (
        <UnstyledButton className={styles.search} onClick={() => setOpened(true)}>
          <IconSearch size={16} stroke={1.6} aria-hidden="true" />
          {text.shell.search}
          <kbd aria-hidden="true">⌘K</kbd>
        </UnstyledButton>
      )}
      {opened && (
        <Suspense>
          <CommandPalette onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  );
}

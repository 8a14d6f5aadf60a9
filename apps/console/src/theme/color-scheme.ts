import type { MantineColorSchemeManager } from '@mantine/core';

const KEY = 'ecolink-theme';

/** The scheme's choice in local storage; a browser that refuses storage follows the system. */
export const colorSchemeManager: MantineColorSchemeManager = {
  get: (fallback) => {
    try {
      const chosen = localStorage.getItem(KEY);
      return chosen === 'light' || chosen === 'dark' || chosen === 'auto' ? chosen : fallback;
    } catch {
      return fallback;
    }
  },
  set: (value) => {
    try {
      localStorage.setItem(KEY, value);
    } catch {
      // The choice lasts until the page is left.
    }
  },
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};

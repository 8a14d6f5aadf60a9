import { type ComponentProps, type MouseEvent, useCallback, useSyncExternalStore } from 'react';

const MOUNT = '/operator';
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

/** The page's name, e.g. `accounts`; empty for the first page. */
function pageOf(pathname: string): string {
  return pathname.slice(MOUNT.length).replaceAll(/^\/+|\/+$/g, '');
}

/** Goes to a page, without a reload. */
export function goTo(page: string, search: Readonly<Record<string, string>> = {}, replace = false): void {
  window.history[replace ? 'replaceState' : 'pushState'](null, '', addressOf(page, search));
  for (const listener of [...listeners]) listener();
}

function addressOf(page: string, search: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(search).filter(([, value]) => value !== '')).toString();
  return `${MOUNT}/${page}${query === '' ? '' : `?${query}`}`;
}

export function usePage(): string {
  return useSyncExternalStore(subscribe, () => pageOf(window.location.pathname));
}

/** A page's filters, kept in its address; empty ones are left out. */
export function useFilters(): readonly [Readonly<Record<string, string>>, (changed: Readonly<Record<string, string>>) => void] {
  const query = useSyncExternalStore(subscribe, () => window.location.search);
  const filters = Object.fromEntries(new URLSearchParams(query));
  const change = useCallback((changed: Readonly<Record<string, string>>) => {
    const now = Object.fromEntries(new URLSearchParams(window.location.search));
    goTo(pageOf(window.location.pathname), { ...now, ...changed }, true);
  }, []);
  return [filters, change];
}

interface PageLinkProps extends Omit<ComponentProps<'a'>, 'href' | 'onClick'> {
  readonly page: string;
  readonly search?: Readonly<Record<string, string>>;
}

/** A link within the operators' console; another tab and a copied address work as of any link. */
export function PageLink({ page, search = {}, ...rest }: PageLinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(page, search);
  };
  return <a {...rest} href={addressOf(page, search)} onClick={follow} />;
}

import { useEffect } from 'react';

/** The document's title, e.g. `my-llama:142 · EcoLink`. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · EcoLink`;
  }, [title]);
}

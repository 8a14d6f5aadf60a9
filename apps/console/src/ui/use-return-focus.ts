import { useEffect, useLayoutEffect, useRef } from 'react';

/** Gives the focus back to what opened a dialog once it closes; to the content where that is gone. */
export function useReturnFocus(isOpen: boolean): void {
  const opener = useRef<HTMLElement>(undefined);
  // Before the dialog takes the focus.
  useLayoutEffect(() => {
    opener.current = isOpen ? openerOf(document.activeElement) : undefined;
  }, [isOpen]);
  useEffect(() => {
    if (!isOpen) return undefined;
    // A dialog that follows another finds nothing focused at first; by now the other one has given the focus back.
    const target = opener.current ?? openerOf(document.activeElement);
    return () => giveBack(target);
  }, [isOpen]);
}

/** An entry of a menu closes with its menu: the button that opens the menu stands for it. */
function openerOf(focused: Element | null): HTMLElement | undefined {
  if (!(focused instanceof HTMLElement) || focused === document.body) return undefined;
  const menu = focused.closest('[role=menu]')?.getAttribute('aria-labelledby');
  return menu === null || menu === undefined ? focused : (document.getElementById(menu) ?? undefined);
}

function giveBack(target: HTMLElement | undefined): void {
  const focused = document.activeElement;
  const isElsewhere = focused !== null && focused !== document.body && focused.closest('[role=dialog]') === null;
  if (target === undefined || isElsewhere) return;
  const next = target.isConnected ? target : document.querySelector('main');
  next?.focus({ preventScroll: true });
}

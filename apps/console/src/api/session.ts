/**
 * The one way a session's end is met: calls that were answered 401 wait here while a dialog over the page asks to sign in,
 * and are sent again afterwards. Nothing on the page is lost.
 */
export type SessionState = 'open' | 'ended';

type Outcome = 'renewed' | 'left';

const listeners = new Set<() => void>();
let state: SessionState = 'open';
let waiting: { readonly promise: Promise<Outcome>; readonly resolve: (outcome: Outcome) => void } | undefined;

export function sessionState(): SessionState {
  return state;
}

export function subscribeToSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Resolves once the person has signed in again, or has left for another page. */
export function sessionEnded(): Promise<Outcome> {
  waiting ??= Promise.withResolvers<Outcome>();
  change('ended');
  return waiting.promise;
}

export function sessionRenewed(): void {
  settle('renewed');
}

/** The dialog was left for the sign-in page: calls that wait fail as they were answered. */
export function sessionLeft(): void {
  settle('left');
}

function settle(outcome: Outcome): void {
  const { resolve } = waiting ?? {};
  waiting = undefined;
  change('open');
  resolve?.(outcome);
}

function change(next: SessionState): void {
  if (state === next) return;
  state = next;
  for (const listener of [...listeners]) listener();
}

/** The operator's token lives in this variable only: a reload, another tab and the browser's storage know nothing of it. */
let token: string | undefined;
let refused = false;
const listeners = new Set<() => void>();

export function operatorToken(): string | undefined {
  return token;
}

export function subscribeToToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function keepToken(given: string): void {
  refused = false;
  change(given);
}

export function forgetToken(): void {
  change(undefined);
}

/** A call was answered 401. An answer to a call with an earlier token changes nothing. */
export function tokenRefused(used: string): void {
  if (used !== token) return;
  refused = true;
  change(undefined);
}

/** True after a token that had worked was refused, until the next one is kept. */
export function wasTokenRefused(): boolean {
  return refused;
}

function change(next: string | undefined): void {
  if (next === token) return;
  token = next;
  for (const listener of [...listeners]) listener();
}

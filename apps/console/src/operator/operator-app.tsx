import { useSyncExternalStore } from 'react';
import styles from './operator.module.css';
import { OperatorShell } from './operator-shell.js';
import { SignInPage } from './sign-in-page.js';
import { operatorToken, subscribeToToken } from './token.js';

/** The operators' console: nothing but the sign-in page without a token. The amber line tells it from the customers' console. */
export function OperatorApp() {
  const token = useSyncExternalStore(subscribeToToken, operatorToken);
  return (
    <>
      <div className={styles.line} aria-hidden="true" />
      {token === undefined ? <SignInPage /> : <OperatorShell />}
    </>
  );
}

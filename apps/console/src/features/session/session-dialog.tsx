import { Button } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { queryClient } from '../../api/query-client.js';
import { refresh } from '../../api/refresh.js';
import { sessionLeft, sessionRenewed, sessionState, subscribeToSession } from '../../api/session.js';
import { text } from '../../text/index.js';
import { meQuery, type Me } from './queries.js';
import styles from './session.module.css';
import { SignInForm } from './sign-in-form.js';
import { Dialog } from '../../ui/dialog.js';

const ABOVE_DIALOGS = 1_000;

/** Asks to sign in over the page when the session has ended; calls that wait go on afterwards. */
export function SessionDialog() {
  const state = useSyncExternalStore(subscribeToSession, sessionState);
  const before = queryClient.getQueryData<Me>(meQuery.queryKey);
  const leave = (): void => {
    sessionLeft();
    window.location.assign('/console/login');
  };
  const done = (): void => {
    const now = queryClient.getQueryData<Me>(meQuery.queryKey);
    if (before?.user?.id !== undefined && now?.user?.id !== before.user.id) {
      // Somebody else: what is on the page is not theirs to see.
      sessionLeft();
      window.location.assign('/console');
      return;
    }
    sessionRenewed();
    void refresh(queryClient);
  };
  return (
    <Dialog
      opened={state === 'ended'}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={text.session.ended}
      size={420}
      // Above the dialog that was open when it ended.
      zIndex={ABOVE_DIALOGS}
    >
      <p className={styles.sub}>{text.session.endedBody}</p>
      <SignInForm email={before?.user?.email ?? ''} onDone={done} />
      <Button variant="subtle" fullWidth mt={8} onClick={leave}>
        {text.session.otherAccount}
      </Button>
    </Dialog>
  );
}

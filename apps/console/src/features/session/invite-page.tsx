import { Button } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { dateText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { Notice } from '../../ui/notice.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { useTitle } from '../../ui/use-title.js';
import { announceSession } from './account-channel.js';
import { AuthPage } from './auth-page.js';
import { meQuery } from './queries.js';
import styles from './session.module.css';
import { showAccount } from './show-account.js';
import { SignUpForm } from './sign-up-form.js';

const GONE = 410;

const previewQuery = (token: string) =>
  queryOptions({
    queryKey: ['users', 'invite', token],
    queryFn: async () => take(api.GET('/api/v1/invites/{token}/preview', { params: { path: { token } } })),
    retry: false,
  });

/** What an invite is to, and the two ways in: the account one is signed in with, or a new one. */
export function InvitePage({ token }: { readonly token: string }) {
  const { data: invite, error } = useQuery(previewQuery(token));
  const { data: me } = useQuery({ ...meQuery, retry: false });
  const t = text.session.invite;
  const title = invite === undefined ? text.session.signUp : t.title(invite.account_name);
  useTitle(title);
  if (error !== null) {
    const problem = toProblem(error);
    const isGone = problem.status === GONE || problem.status === 404;
    return (
      <AuthPage title={text.session.signUp} sub="">
        {isGone ? (
          <Notice kind="info" title={t.gone} alert>
            {t.goneBody}
          </Notice>
        ) : (
          <ProblemNotice problem={problem} />
        )}
      </AuthPage>
    );
  }
  if (invite === undefined) return null;
  return (
    <AuthPage title={title} sub={`${t.body(invite.role)} ${t.until(dateText(invite.expires_at))}.`}>
      {me?.user === null || me === undefined ? (
        <Newcomer token={token} />
      ) : (
        <Join token={token} account={invite.account_name} email={me.user.email} />
      )}
    </AuthPage>
  );
}

function Newcomer({ token }: { readonly token: string }) {
  const router = useRouter();
  return (
    <>
      <SignUpForm inviteToken={token} onDone={() => void router.navigate({ to: '/', replace: true })} />
      <p className={styles.below}>
        <Link to="/login" search={{ next: `/invite/${token}` }}>
          {text.session.invite.haveAccount}
        </Link>
      </p>
    </>
  );
}

function Join({ token, account, email }: { readonly token: string; readonly account: string; readonly email: string }) {
  const router = useRouter();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const t = text.session.invite;
  const join = async (): Promise<void> => {
    setBusy(true);
    try {
      const { account } = await take(api.POST('/api/v1/invites/accept', { body: { token } }));
      // Who joins wants to see what they joined.
      const next = await take(api.PUT('/api/v1/me/active-account', { body: { account_id: account.id } }));
      announceSession();
      showAccount(next);
      await router.navigate({ to: '/', replace: true });
    } catch (thrown) {
      setProblem(toProblem(thrown));
      setBusy(false);
    }
  };
  return (
    <div className={styles.form}>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <p>{t.joinAs(email)}</p>
      <Button size="md" fullWidth loading={busy} onClick={() => void join()}>
        {t.join(account)}
      </Button>
    </div>
  );
}

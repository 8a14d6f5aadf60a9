import { useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { text } from '../../text/index.js';
import { toProblem } from '../../api/problem.js';
import { useTitle } from '../../ui/use-title.js';
import { AuthPage } from './auth-page.js';
import { ForgotForm } from './forgot-form.js';
import { ProviderButton } from './provider-button.js';
import { meQuery } from './queries.js';
import { safeNext } from './safe-next.js';
import { SecondFactorForm } from './second-factor-form.js';
import { SignInForm } from './sign-in-form.js';
import styles from './session.module.css';
import { SignUpForm } from './sign-up-form.js';

interface LoginPageProps {
  /** Where to go afterwards: an address of the console. */
  readonly next: string | undefined;
  readonly mode: 'signin' | 'signup' | 'forgot';
}

export function LoginPage({ next, mode }: LoginPageProps) {
  const router = useRouter();
  const titles = { signup: text.session.signUp, signin: text.session.signIn, forgot: text.session.forgot.title };
  useTitle(titles[mode]);
  const done = (): void => void router.navigate({ href: safeNext(next), replace: true });
  const { error } = useQuery({ ...meQuery, retry: false });
  if (error !== null && toProblem(error).code === 'mfa_required') {
    return (
      <AuthPage title={text.session.secondFactor} sub={text.session.secondFactorSub}>
        <SecondFactorForm onDone={done} />
      </AuthPage>
    );
  }
  if (mode === 'forgot') {
    const back = (
      <Link to="/login" search={{ next }}>
        {text.session.signIn}
      </Link>
    );
    return (
      <AuthPage title={text.session.forgot.title} sub={text.session.forgot.sub} below={back}>
        <ForgotForm />
      </AuthPage>
    );
  }
  if (mode === 'signup') {
    return (
      <AuthPage
        title={text.session.signUp}
        sub={text.session.signUpSub}
        below={
          <>
            {text.session.haveAccount}{' '}
            <Link to="/login" search={{ next }}>
              {text.session.signIn}
            </Link>
          </>
        }
      >
        <SignUpForm onDone={done} />
        <ProviderButton next={next} />
      </AuthPage>
    );
  }
  return (
    <AuthPage
      title={text.session.signIn}
      sub={text.session.signInSub}
      below={
        <>
          {text.session.newHere}{' '}
          <Link to="/login" search={{ next, mode: 'signup' }}>
            {text.session.createAccount}
          </Link>
        </>
      }
    >
      <SignInForm onDone={done} />
      <p className={styles.below}>
        <Link to="/login" search={{ next, mode: 'forgot' }}>
          {text.session.forgot.link}
        </Link>
      </p>
      <ProviderButton next={next} />
    </AuthPage>
  );
}

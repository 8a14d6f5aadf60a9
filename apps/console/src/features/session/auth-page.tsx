import type { ReactNode } from 'react';
import { text } from '../../text/index.js';
import { Logo } from '../../ui/logo.js';
import { Hero } from './hero.js';
import styles from './session.module.css';

interface AuthPageProps {
  readonly title: string;
  readonly sub: string;
  readonly children: ReactNode;
  readonly below?: ReactNode;
}

/** The frame of the pages outside the shell: form on the left, drawing on the right. */
export function AuthPage({ title, sub, children, below }: AuthPageProps) {
  return (
    <div className={styles.page}>
      <main className={styles.left}>
        <span className={styles.brand}>
          <Logo />
          {text.shell.product}
        </span>
        <div className={styles.middle}>
          <h1 className={styles.title}>{title}</h1>
          <p className={styles.sub}>{sub}</p>
          {children}
          {below !== undefined && <div className={styles.below}>{below}</div>}
        </div>
        <p className={styles.footer}>{text.session.footer}</p>
      </main>
      <Hero />
    </div>
  );
}

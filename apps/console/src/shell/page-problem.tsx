import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { toProblem } from '../api/problem.js';
import { isChunkGone, reloadOnce } from '../reload-once.js';
import { text } from '../text/index.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import styles from './shell.module.css';

/** In place of a page that failed to load or to render. One from before an upgrade is loaded anew first. */
export function PageProblem({ error, reset }: ErrorComponentProps) {
  const isGone = isChunkGone(error);
  const [isShown, setIsShown] = useState(!isGone);
  useEffect(() => {
    if (isChunkGone(error) && !reloadOnce(error)) setIsShown(true);
  }, [error]);
  if (!isShown) return null;
  return (
    <div className={styles.content}>
      <h1 className={styles.problemTitle}>{text.problems.page}</h1>
      <ProblemNotice
        problem={toProblem(error)}
        actions={
          <Button variant="default" size="xs" onClick={isGone ? () => window.location.reload() : reset}>
            {text.ui.tryAgain}
          </Button>
        }
      />
    </div>
  );
}

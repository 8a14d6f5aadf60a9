import type { ReactNode } from 'react';
import { text } from '../text/index.js';
import { Notice } from './notice.js';

export interface ProblemNoticeProps {
  readonly problem: {
    /** 0: no answer came. */
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly requestId: string | null;
  };
  readonly actions?: ReactNode;
}

const SERVER_ERROR = 500;

/** A refusal or failure as what it is: a title for its code, the API's own words, the code and the request id. */
export function ProblemNotice({ problem, actions }: ProblemNoticeProps) {
  const { status, code, message, requestId } = problem;
  const title =
    text.problems.titles[code] ?? (status >= SERVER_ERROR || status === 0 ? text.problems.failed : text.problems.refused);
  return (
    <Notice kind="bad" title={title} code={status === 0 ? code : `${status} ${code}`} actions={actions} alert>
      {message}
      {requestId !== null && status >= SERVER_ERROR ? ` ${text.problems.requestId(requestId)}.` : ''}
    </Notice>
  );
}

import { Button } from '@mantine/core';
import { IconPlugConnectedX, IconServerOff } from '@tabler/icons-react';
import { parseModelId } from '@ecolink/contracts';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { countText } from '../../../format/count.js';
import { text } from '../../../text/index.js';
import { Money } from '../../../ui/money.js';
import { Notice } from '../../../ui/notice.js';
import type { AnswerTurn, TurnProblem } from './turn.js';

interface RefusalProps {
  readonly answer: AnswerTurn;
  readonly isLast: boolean;
  readonly onRetry: () => void;
  readonly onContinue: () => void;
}

const PAYMENT = 402;
const NOT_FOUND = 404;
const RATE_LIMIT = 429;
const UNAVAILABLE = 503;

/** Where the answer would be: what went wrong, in the API's own words, and what can be done about it. */
export function Refusal({ answer, isLast, onRetry, onContinue }: RefusalProps) {
  const { problem } = answer;
  if (problem === null) return null;
  if (answer.state === 'cut') return <Cut answer={answer} onContinue={onContinue} />;
  if (problem.status === RATE_LIMIT && isLast) return <RateLimit problem={problem} onRetry={onRetry} />;
  return <Refused answer={answer} problem={problem} onRetry={onRetry} />;
}

function titleOf({ code, status }: TurnProblem): string {
  return text.problems.titles[code] ?? (status === 0 || status >= 500 ? text.problems.failed : text.problems.refused);
}

function codeOf({ status, code }: TurnProblem): string {
  return status === 0 ? code : `${status} ${code}`;
}

function Refused({
  answer,
  problem,
  onRetry,
}: {
  readonly answer: AnswerTurn;
  readonly problem: TurnProblem;
  readonly onRetry: () => void;
}) {
  const navigate = useNavigate();
  const { errors } = text.playground;
  const model = parseModelId(answer.model);
  const isPayment = problem.status === PAYMENT;
  return (
    <Notice
      kind="bad"
      alert
      title={titleOf(problem)}
      code={codeOf(problem)}
      {...(problem.status === UNAVAILABLE ? { icon: IconServerOff } : {})}
      actions={
        <>
          {isPayment && (
            <Button size="xs" onClick={() => void navigate({ to: '/billing', search: { dialog: 'top-up' } })}>
              {errors.topUp}
            </Button>
          )}
          {problem.status === NOT_FOUND && (
            <Button size="xs" onClick={() => document.querySelector<HTMLElement>('[data-model-picker]')?.click()}>
              {errors.pickAnother}
            </Button>
          )}
          <Button size="xs" variant={isPayment || problem.status === NOT_FOUND ? 'default' : 'filled'} onClick={onRetry}>
            {isPayment ? errors.tryAgain : errors.retry}
          </Button>
          {problem.status === UNAVAILABLE && model?.kind === 'instance' && (
            <Button
              size="xs"
              variant="default"
              onClick={() => void navigate({ to: '/instances/$id', params: { id: String(model.instanceId) } })}
            >
              {errors.openInstance}
            </Button>
          )}
        </>
      }
    >
      {problem.message}
      {/[.!?]$/.test(problem.message) ? '' : '.'} {isPayment ? errors[402] : ''}
    </Notice>
  );
}

const RETRY_SECONDS_DEFAULT = 5;
const TICK_MS = 1_000;

/** Counts down, then sends itself once; a person can stop it or send at once. */
function RateLimit({ problem, onRetry }: { readonly problem: TurnProblem; readonly onRetry: () => void }) {
  const [left, setLeft] = useState(problem.retryAfterSeconds ?? RETRY_SECONDS_DEFAULT);
  const [waits, setWaits] = useState(true);
  useEffect(() => {
    if (!waits) return;
    if (left <= 0) {
      setWaits(false);
      onRetry();
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), TICK_MS);
    return () => clearTimeout(timer);
  }, [left, waits, onRetry]);
  const { errors } = text.playground;
  return (
    <Notice
      kind="warn"
      alert
      title={titleOf(problem)}
      code={codeOf(problem)}
      actions={
        <>
          <Button size="xs" variant="default" onClick={onRetry}>
            {errors.retryNow}
          </Button>
          {waits && (
            <Button size="xs" variant="subtle" onClick={() => setWaits(false)}>
              {errors.stopWaiting}
            </Button>
          )}
        </>
      }
    >
      {waits && <span aria-hidden="true">{errors.sendsItself(left)} </span>}
      {problem.message}
    </Notice>
  );
}

function Cut({ answer, onContinue }: { readonly answer: AnswerTurn; readonly onContinue: () => void }) {
  const { errors, costPending } = text.playground;
  const { outputTokens, cost } = answer.figures;
  return (
    <Notice
      kind="warn"
      alert
      icon={IconPlugConnectedX}
      title={errors.cut(outputTokens === null ? '' : countText(outputTokens))}
      {...(answer.problem === null ? {} : { code: codeOf(answer.problem) })}
      actions={
        <Button size="xs" variant="default" onClick={onContinue}>
          {errors.continue}
        </Button>
      }
    >
      {errors.cutBody} {cost === null ? costPending : <Money amount={BigInt(cost)} />}.
    </Notice>
  );
}

import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCopy, IconRefresh, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, memo, Suspense } from 'react';
import { countText } from '../../../format/count.js';
import { text } from '../../../text/index.js';
import { copyText } from '../../../ui/copy-text.js';
import { MetaLine } from '../../../ui/meta-line.js';
import { RegionChip } from '../../../ui/region-chip.js';
import styles from './chat.module.css';
import { type BestFigures, metaItems } from './figures.js';
import { Refusal } from './refusal.js';
import type { AnswerTurn } from './turn.js';

const AnswerText = lazy(() => import('../markdown/answer-text.js'));

interface AnswerProps {
  readonly answer: AnswerTurn;
  readonly isLast: boolean;
  readonly onRegenerate: (id: string) => void;
  readonly onContinue: () => void;
}

/** An answer: reasoning and tool calls folded above, text, then what it took. */
export const Answer = memo(function Answer({ answer, isLast, onRegenerate, onContinue }: AnswerProps) {
  const { state } = answer;
  const isOver = state !== 'waiting' && state !== 'streaming';
  return (
    <article className={styles.answer} aria-label={text.playground.answerOf(answer.model)} aria-busy={!isOver}>
      {answer.reasoning !== '' && (
        <details className={styles.folded} open={answer.text === '' && !isOver}>
          <summary>
            {text.playground.reasoning} <span className={styles.foldedNote}>{countText(answer.reasoning.length)}</span>
          </summary>
          <div className={styles.reasoning}>{answer.reasoning}</div>
        </details>
      )}
      {answer.toolCalls.map((call, index) => (
        <details key={index} className={styles.folded}>
          <summary>{text.playground.toolCall(call.name)}</summary>
          <pre className={styles.arguments}>{call.arguments}</pre>
        </details>
      ))}
      {state === 'waiting' && <span className={styles.cursor} role="status" aria-label={text.playground.waiting} />}
      {answer.text !== '' && (
        <Suspense fallback={<div className={styles.plain}>{answer.text}</div>}>
          <AnswerText text={answer.text} streaming={state === 'streaming'} />
        </Suspense>
      )}
      <Refusal answer={answer} isLast={isLast} onRetry={() => onRegenerate(answer.id)} onContinue={onContinue} />
      {state !== 'refused' && <AnswerMeta answer={answer} onRegenerate={onRegenerate} />}
    </article>
  );
});

interface AnswerMetaProps {
  readonly answer: AnswerTurn;
  readonly onRegenerate: (id: string) => void;
  readonly best?: BestFigures;
}

export function AnswerMeta({ answer, onRegenerate, best = {} }: AnswerMetaProps) {
  const { figures, state } = answer;
  const isOver = state !== 'waiting' && state !== 'streaming';
  return (
    <MetaLine
      lead={figures.region === null ? undefined : <RegionChip region={figures.region} bars={['ready']} />}
      items={metaItems(answer, best)}
      actions={
        isOver ? (
          <>
            <Action label={text.playground.copyAnswer} icon={IconCopy} onClick={() => void copyText(answer.text)} />
            <Action label={text.playground.regenerate} icon={IconRefresh} onClick={() => onRegenerate(answer.id)} />
            {figures.requestId !== null && (
              <Tooltip label={text.playground.openRequest}>
                <ActionIcon
                  aria-label={text.playground.openRequest}
                  renderRoot={(props) => <Link to="/requests" search={{ request: figures.requestId ?? undefined }} {...props} />}
                >
                  <IconSearch size={15} stroke={1.6} />
                </ActionIcon>
              </Tooltip>
            )}
          </>
        ) : undefined
      }
    />
  );
}

interface ActionProps {
  readonly label: string;
  readonly icon: typeof IconCopy;
  readonly onClick: () => void;
}

function Action({ label, icon: Icon, onClick }: ActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        <Icon size={15} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}

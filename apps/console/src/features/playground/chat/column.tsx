import { IconArrowDown, IconMessage2 } from '@tabler/icons-react';
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { text } from '../../../text/index.js';
import { Empty } from '../../../ui/empty.js';
import { Answer, AnswerMeta } from './answer.js';
import type { ChatSession } from './chat-session.js';
import styles from './chat.module.css';
import type { BestFigures } from './figures.js';
import type { Turn } from './turn.js';
import { UserTurn } from './user-turn.js';

/** Nearer to the end than this, the view stays at the end while text comes in. */
const NEAR_END_PX = 48;

interface ColumnProps {
  readonly session: ChatSession;
  readonly editing: string | undefined;
  readonly onEditing: (id: string | undefined) => void;
  /** Of a comparison: figures stand at the column's end, the best of them marked. */
  readonly best?: BestFigures;
  readonly head?: ReactNode;
}

/** One conversation: turns, the answer being streamed, and how to get back to its end. */
export function Column({ session, editing, onEditing, best, head }: ColumnProps) {
  const { turns, busy } = useSyncExternalStore(session.subscribe, session.state);
  const { scroller, isAtEnd, toEnd } = useStickToEnd(turns);
  const [announced, setAnnounced] = useState('');
  const wasBusy = useRef(false);
  useEffect(() => {
    if (wasBusy.current && !busy) setAnnounced(text.playground.announce(session.model));
    wasBusy.current = busy;
  }, [busy, session]);
  const regenerate = useCallback((id: string) => session.regenerate(id), [session]);
  const edit = useCallback((id: string, message: string) => session.edit(id, message), [session]);
  const goOn = useCallback(() => session.send(text.playground.errors.continuePrompt), [session]);
  const last = turns.at(-1);
  return (
    <section className={styles.column} aria-label={session.model}>
      {head}
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        aria-live="off"
        tabIndex={0}
        aria-label={text.playground.tabs.chat}
      >
        <div className={best === undefined ? styles.turns : styles.turnsCompared}>
          {turns.length === 0 && best === undefined && (
            <Empty icon={IconMessage2} title={text.playground.emptyTitle}>
              {text.playground.emptyBody}
            </Empty>
          )}
          {turns.map((turn) =>
            turn.kind === 'user' ? (
              <UserTurn key={turn.id} turn={turn} editing={editing === turn.id} onEditing={onEditing} onEdit={edit} />
            ) : (
              <Answer key={turn.id} answer={turn} isLast={turn === last} onRegenerate={regenerate} onContinue={goOn} />
            ),
          )}
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" className={styles.newText} onClick={toEnd}>
          <IconArrowDown size={14} stroke={1.8} aria-hidden="true" /> {text.playground.newText}
        </button>
      )}
      {best !== undefined && last?.kind === 'answer' && (
        <div className={styles.columnEnd}>
          <AnswerMeta answer={last} onRegenerate={regenerate} best={best} />
        </div>
      )}
      <span className="visually-hidden" role="status">
        {announced}
      </span>
    </section>
  );
}

/** Follows the text only for a reader who is at its end. */
function useStickToEnd(turns: readonly Turn[]) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const atEnd = useRef(true);
  const count = useRef(turns.length);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const onScroll = (): void => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
      setIsAtEnd(atEnd.current);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, []);
  useLayoutEffect(() => {
    const element = scroller.current;
    // What was just sent is looked at, wherever the reader was.
    if (turns.length > count.current) atEnd.current = true;
    count.current = turns.length;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [turns]);
  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);
  return { scroller, isAtEnd, toEnd };
}

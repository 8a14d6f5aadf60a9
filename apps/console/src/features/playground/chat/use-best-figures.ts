import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import type { ChatSession } from './chat-session.js';
import { type BestFigures, tokenRate } from './figures.js';
import type { AnswerTurn } from './turn.js';

/** Which of the compared answers is the best in what, once all have ended. */
export function useBestFigures(sessions: readonly ChatSession[]): readonly BestFigures[] {
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = sessions.map((session) => session.subscribe(listener));
      return () => stops.forEach((stop) => stop());
    },
    [sessions],
  );
  const before = useRef<readonly (AnswerTurn | undefined)[]>([]);
  const answers = useSyncExternalStore(subscribe, () => {
    const now = sessions.map((session) => {
      const { turns, busy } = session.state();
      const last = turns.at(-1);
      return !busy && last?.kind === 'answer' && last.state === 'done' ? last : undefined;
    });
    if (now.length !== before.current.length || now.some((answer, index) => answer !== before.current[index]))
      before.current = now;
    return before.current;
  });
  return useMemo(() => bestOf(answers), [answers]);
}

function bestOf(answers: readonly (AnswerTurn | undefined)[]): BestFigures[] {
  const whole = answers.filter((answer) => answer !== undefined);
  if (whole.length < 2 || whole.length < answers.length) return answers.map(() => ({}));
  const ttft = Math.min(...whole.map(({ figures }) => figures.ttftMs ?? Infinity));
  const rate = Math.max(...whole.map((answer) => tokenRate(answer) ?? 0));
  const costs = whole.map(({ figures }) => figures.cost).filter((cost) => cost !== null);
  const cost =
    costs.length < whole.length ? undefined : costs.reduce((least, one) => (BigInt(one) < BigInt(least) ? one : least));
  return whole.map((answer) => ({
    ttft: answer.figures.ttftMs === ttft,
    rate: tokenRate(answer) === rate,
    cost: cost !== undefined && answer.figures.cost === cost,
  }));
}

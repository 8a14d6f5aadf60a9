import { countText } from '../../../format/count.js';
import { latencyText } from '../../../format/duration.js';
import { text } from '../../../text/index.js';
import type { MetaItem } from '../../../ui/meta-line.js';
import { Money } from '../../../ui/money.js';
import type { AnswerTurn } from './turn.js';

/** Which of a comparison's figures are the best. */
export interface BestFigures {
  readonly ttft?: boolean;
  readonly rate?: boolean;
  readonly cost?: boolean;
}

const RATE_WITH_TENTHS = 1_000;

/** Output tokens a second after the first one; null while it cannot be told. */
export function tokenRate({ figures }: Pick<AnswerTurn, 'figures'>): number | null {
  const { outputTokens, durationMs, ttftMs } = figures;
  if (outputTokens === null || durationMs === null || ttftMs === null) return null;
  const seconds = (durationMs - ttftMs) / 1_000;
  return seconds <= 0 ? null : outputTokens / seconds;
}

/** What an answer took, ready for a `MetaLine`. */
export function metaItems(answer: AnswerTurn, best: BestFigures = {}): MetaItem[] {
  const { figures } = answer;
  const items: MetaItem[] = [];
  const rate = tokenRate(answer);
  if (answer.state === 'stopped') items.push({ key: 'stopped', value: text.playground.stopped });
  if (figures.ttftMs !== null)
    items.push({ key: 'ttft', value: latencyText(figures.ttftMs), unit: text.playground.ttft, best: best.ttft === true });
  if (rate !== null)
    items.push({
      key: 'rate',
      value: rate < RATE_WITH_TENTHS ? rate.toFixed(1) : countText(Math.round(rate)),
      unit: text.playground.tokensPerSecond,
      best: best.rate === true,
    });
  if (figures.inputTokens !== null) items.push({ key: 'in', value: countText(figures.inputTokens), unit: text.playground.in });
  if (figures.outputTokens !== null)
    items.push({ key: 'out', value: countText(figures.outputTokens), unit: text.playground.out });
  if (figures.cost !== null)
    items.push({ key: 'cost', value: <Money amount={BigInt(figures.cost)} />, best: best.cost === true });
  if (figures.cost !== null && figures.estimated) items.push({ key: 'estimated', value: text.playground.estimated });
  return items;
}

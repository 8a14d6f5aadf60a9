import { Textarea, TextInput } from '@mantine/core';
import { IconSortDescending2 } from '@tabler/icons-react';
import { useState } from 'react';
import { text } from '../../../text/index.js';
import { Empty } from '../../../ui/empty.js';
import { fetchModel, headOf } from '../call.js';
import type { TabProps } from '../tab-props.js';
import { CallMeta } from './call-meta.js';
import styles from './other.module.css';
import { documentsOf } from './similarity.js';
import { modelOf, TabFrame } from './tab-frame.js';
import { useCall } from './use-call.js';

interface Ranked {
  readonly document: string;
  readonly score: number;
  /** Its place in the input, from 0. */
  readonly index: number;
}

const DOCUMENTS_MIN = 2;

/** Documents in order of relevance to a query. */
export function RerankerTab(props: TabProps) {
  const t = text.otherTabs.reranker;
  const [query, setQuery] = useState(t.queryExample);
  const [typed, setTyped] = useState(t.documentsExample);
  const call = useCall<readonly Ranked[]>();
  const model = modelOf(props);
  const documents = documentsOf(typed);
  const canRun = query.trim() !== '' && documents.length >= DOCUMENTS_MIN;
  const body = { model, query, documents };
  const run = (): void =>
    void call.run(async (signal) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal };
      const response = await fetchModel('/rerank', init);
      return { result: rankedOf(await response.json(), documents), head: headOf(response) };
    });
  return (
    <TabFrame
      {...props}
      call={call}
      action={t.run}
      canRun={canRun}
      onRun={run}
      request={{ path: '/rerank', body, sdk: null, answer: 'json' }}
      result={
        call.ran === undefined ? (
          call.problem === undefined && (
            <Empty icon={IconSortDescending2} title={t.empty}>
              {t.emptyBody}
            </Empty>
          )
        ) : (
          <>
            <RankedList ranked={call.ran.result} />
            <CallMeta call={call} />
          </>
        )
      }
      form={
        <>
          <TextInput
            className={styles.whole}
            label={t.query}
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
          <Textarea
            className={styles.wide}
            label={t.documents}
            error={canRun || typed === '' ? undefined : t.tooFew}
            autosize
            minRows={3}
            maxRows={10}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </>
      }
    />
  );
}

function RankedList({ ranked }: { readonly ranked: readonly Ranked[] }) {
  const t = text.otherTabs.reranker;
  const top = Math.max(...ranked.map(({ score }) => score), Number.MIN_VALUE);
  return (
    <ol className={styles.ranked} aria-label={t.ranked}>
      {ranked.map(({ document, score, index }, place) => {
        const moved = index - place;
        return (
          <li key={index} className={styles.rank}>
            <span className={styles.place}>{place + 1}</span>
            <span className={styles.document}>{document}</span>
            <span className={styles.score}>{score.toFixed(4)}</span>
            <span className={styles.moved}>{moved === 0 ? t.same : moved > 0 ? t.up(moved) : t.down(-moved)}</span>
            <svg className={styles.bar} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
              <rect className={styles.barTrack} width="100" height="4" />
              <rect className={styles.barFill} width={Math.max(0, (score / top) * 100)} height="4" />
            </svg>
          </li>
        );
      })}
    </ol>
  );
}

/** The shape of Cohere and Jina: `results: [{ index, relevance_score }]`. What does not fit is left out. */
function rankedOf(answer: unknown, documents: readonly string[]): Ranked[] {
  const results =
    typeof answer === 'object' && answer !== null && 'results' in answer && Array.isArray(answer.results)
      ? (answer.results as unknown[])
      : [];
  return results
    .flatMap((result): Ranked[] => {
      const { index, relevance_score: score } = (result ?? {}) as { index?: unknown; relevance_score?: unknown };
      if (typeof index !== 'number' || typeof score !== 'number') return [];
      return [{ index, score, document: documents[index] ?? '' }];
    })
    .sort((left, right) => right.score - left.score);
}

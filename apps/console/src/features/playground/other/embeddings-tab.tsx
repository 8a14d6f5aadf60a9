import { Textarea } from '@mantine/core';
import { IconVector } from '@tabler/icons-react';
import { useState } from 'react';
import { countText } from '../../../format/count.js';
import { text } from '../../../text/index.js';
import { Empty } from '../../../ui/empty.js';
import { callModel, headOf } from '../call.js';
import type { TabProps } from '../tab-props.js';
import { CallMeta } from './call-meta.js';
import styles from './other.module.css';
import { cosine, documentsOf } from './similarity.js';
import { modelOf, TabFrame } from './tab-frame.js';
import { useCall } from './use-call.js';

const TEXTS_MIN = 2;
const TEXTS_MAX = 10;

interface Embedded {
  readonly texts: readonly string[];
  readonly vectors: readonly (readonly number[])[];
}

/** How alike texts are, by their embeddings. */
export function EmbeddingsTab(props: TabProps) {
  const t = text.otherTabs.embeddings;
  const [typed, setTyped] = useState(t.example);
  const call = useCall<Embedded>();
  const model = modelOf(props);
  const texts = documentsOf(typed);
  const wrong = texts.length < TEXTS_MIN ? t.tooFew : texts.length > TEXTS_MAX ? t.tooMany : undefined;
  const body = { model, input: texts };
  const run = (): void =>
    void call.run(async (signal) => {
      const { data, response } = await callModel((client) =>
        client.embeddings.create({ ...body, encoding_format: 'float' }, { signal }).withResponse(),
      );
      return { result: { texts, vectors: data.data.map(({ embedding }) => embedding) }, head: headOf(response) };
    });
  return (
    <TabFrame
      {...props}
      call={call}
      action={t.run}
      canRun={wrong === undefined}
      onRun={run}
      request={{
        path: '/embeddings',
        body,
        sdk: { python: 'embeddings.create', typescript: 'embeddings.create' },
        answer: 'json',
      }}
      result={
        call.ran === undefined ? (
          call.problem === undefined && (
            <Empty icon={IconVector} title={t.empty}>
              {t.emptyBody}
            </Empty>
          )
        ) : (
          <>
            <Matrix embedded={call.ran.result} />
            <CallMeta
              call={call}
              extra={[{ key: 'dimensions', value: countText(call.ran.result.vectors[0]?.length ?? 0), unit: t.dimensions }]}
            />
          </>
        )
      }
      form={
        <Textarea
          className={styles.wide}
          label={t.texts}
          error={typed === '' ? undefined : wrong}
          autosize
          minRows={3}
          maxRows={10}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      }
    />
  );
}

function Matrix({ embedded: { texts, vectors } }: { readonly embedded: Embedded }) {
  return (
    <div tabIndex={0} role="group" aria-label={text.otherTabs.embeddings.matrix} style={{ overflowX: 'auto' }}>
      <table className={styles.matrix}>
        <caption className="visually-hidden">{text.otherTabs.embeddings.matrix}</caption>
        <thead>
          <tr>
            <td />
            {texts.map((_, index) => (
              <th key={index} scope="col">
                {index + 1}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {texts.map((row, index) => (
            <tr key={index}>
              <th scope="row" title={row}>
                {index + 1}. {row}
              </th>
              {texts.map((_, column) => {
                const value = cosine(vectors[index] ?? [], vectors[column] ?? []);
                const share = Math.round(Math.max(0, value) * 45);
                return (
                  <td key={column} style={{ background: `color-mix(in srgb, var(--ec-accent) ${share}%, var(--ec-surface))` }}>
                    {value.toFixed(3)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import { text } from '../../text/index.js';
import { CodeTabs } from '../../ui/code-tabs.js';
import { CopyField } from '../../ui/copy-field.js';
import { type CodeRequest, codeSamples } from '../playground/snippets.js';
import styles from './instance.module.css';
import type { Instance } from './queries.js';

const BODIES: Readonly<Record<Instance['category'], (model: string) => CodeRequest>> = {
  chat: (model) => ({
    path: '/chat/completions',
    body: { model, messages: [{ role: 'user', content: 'Hello' }] },
    sdk: { python: 'chat.completions.create', typescript: 'chat.completions.create' },
    answer: 'stream',
  }),
  embedding: (model) => ({
    path: '/embeddings',
    body: { model, input: 'Hello' },
    sdk: { python: 'embeddings.create', typescript: 'embeddings.create' },
    answer: 'json',
  }),
  reranker: (model) => ({
    path: '/rerank',
    body: { model, query: 'Hello', documents: ['one', 'two'] },
    sdk: null,
    answer: 'json',
  }),
  image: (model) => ({
    path: '/images/generations',
    body: { model, prompt: 'A lighthouse', response_format: 'b64_json' },
    sdk: { python: 'images.generate', typescript: 'images.generate' },
    answer: 'json',
  }),
  audio: (model) => ({
    path: '/audio/speech',
    body: { model, input: 'Hello', voice: 'alloy' },
    sdk: { python: 'audio.speech.create', typescript: 'audio.speech.create' },
    answer: 'bytes',
  }),
  video: (model) => ({ path: '/video/generations', body: { model, prompt: 'A lighthouse' }, sdk: null, answer: 'json' }),
};

/** Address, model and code, ready to paste. */
export function CallIt({ instance }: { readonly instance: Instance }) {
  const t = text.instance;
  const { origin } = window.location;
  const proxy = `${origin}/inference-instances/${instance.id}/proxy/${instance.custom_api_path ?? ''}`;
  const samples = instance.openai_compatible
    ? codeSamples(BODIES[instance.category](instance.model), origin)
    : [
        {
          label: 'curl',
          language: 'curl' as const,
          code: `curl ${proxy} \\\n  -H "Authorization: Bearer $ECOLINK_API_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '{ "prompt": "Hello", "max_tokens": 100 }'`,
        },
      ];
  return (
    <section className={styles.card}>
      <h2 className={styles.cardTitle}>{t.callIt}</h2>
      <div className={styles.fields}>
        <span className={styles.fieldName}>{instance.openai_compatible ? t.baseUrl : t.proxyUrl}</span>
        <CopyField value={instance.openai_compatible ? `${origin}/v1` : proxy} label={text.ui.copy} />
        {instance.openai_compatible && (
          <>
            <span className={styles.fieldName}>{t.model}</span>
            <CopyField value={instance.model} label={text.ui.copy} />
          </>
        )}
      </div>
      <CodeTabs samples={samples} name={t.samples} />
    </section>
  );
}

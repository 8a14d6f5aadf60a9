import { ActionIcon, Button, PasswordInput, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import styles from './launch.module.css';
import type { PodValues } from './launch-form.js';
import type { Region } from './queries.js';

const PODS_MAX = 64;

interface PodsFieldsProps {
  readonly pods: readonly PodValues[];
  readonly regions: readonly Region[];
  readonly onChange: (pods: readonly PodValues[]) => void;
}

/** Servers that already run, each with a test of its connection. */
export function PodsFields({ pods, regions, onChange }: PodsFieldsProps) {
  const t = text.launch;
  const first = regions[0]?.region ?? '';
  return (
    <div>
      <p className={styles.label}>{t.pods}</p>
      <div className={styles.detailsBody}>
        {pods.map((pod, index) => (
          <PodFields
            key={index}
            pod={pod}
            regions={regions}
            onChange={(next) => onChange(pods.map((one, at) => (at === index ? { ...one, ...next } : one)))}
            onRemove={pods.length > 1 ? () => onChange(pods.filter((_, at) => at !== index)) : undefined}
          />
        ))}
        <span>
          <Button
            variant="default"
            size="xs"
            disabled={pods.length >= PODS_MAX}
            onClick={() => onChange([...pods, { region: first, url: '', key: '' }])}
          >
            {t.addPod}
          </Button>
        </span>
      </div>
    </div>
  );
}

interface PodFieldsProps {
  readonly pod: PodValues;
  readonly regions: readonly Region[];
  readonly onChange: (next: Partial<PodValues>) => void;
  readonly onRemove: (() => void) | undefined;
}

type Tested = { readonly kind: 'fine'; readonly models: string } | { readonly kind: 'wrong'; readonly why: string };

function PodFields({ pod, regions, onChange, onRemove }: PodFieldsProps) {
  const t = text.launch;
  const [tested, setTested] = useState<Tested>();
  const [busy, setBusy] = useState(false);
  const test = async (): Promise<void> => {
    setBusy(true);
    try {
      const body = { url: pod.url.trim(), ...(pod.key === '' ? {} : { api_key: pod.key }) };
      const { problem, models } = await take(api.POST('/api/v1/instances/test-pod', { body }));
      setTested(problem === null ? { kind: 'fine', models: models.join(', ') } : { kind: 'wrong', why: problem });
    } catch (thrown) {
      const problem: Problem = toProblem(thrown);
      setTested({ kind: 'wrong', why: problem.message });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles.pod}>
      <Select
        label={t.region}
        data={regions.map(({ region }) => region)}
        value={pod.region === '' ? null : pod.region}
        onChange={(region) => onChange({ region: region ?? '' })}
      />
      <TextInput
        label={t.url}
        placeholder={t.urlPlaceholder}
        value={pod.url}
        onChange={(event) => {
          setTested(undefined);
          onChange({ url: event.currentTarget.value });
        }}
      />
      <PasswordInput
        label={t.key}
        autoComplete="off"
        value={pod.key}
        onChange={(event) => onChange({ key: event.currentTarget.value })}
      />
      <Button variant="default" loading={busy} disabled={pod.url.trim() === ''} onClick={() => void test()}>
        {t.test}
      </Button>
      {onRemove !== undefined && (
        <ActionIcon size={32} aria-label={t.removePod} onClick={onRemove}>
          <IconX size={15} stroke={1.7} />
        </ActionIcon>
      )}
      <span className={styles.podNote} role="status">
        {tested?.kind === 'fine' && <span className={styles.fitYes}>✓ {t.reachable(tested.models)}</span>}
        {tested?.kind === 'wrong' && <span className={styles.fitNo}>{tested.why}</span>}
      </span>
    </div>
  );
}

import { SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { modelsQuery, sourceText } from '../registry/queries.js';
import { DetailFields, GpuFields } from './gpu-fields.js';
import styles from './launch.module.css';
import { LAUNCH_EMPTY, launchBody, type LaunchValues, STRATEGIES } from './launch-form.js';
import { PodsFields } from './pods-fields.js';
import { firstChoice, inOffer } from './machines.js';
import { gpuTypesQuery, quoteQuery, regionsQuery } from './queries.js';
import { QuotePanel } from './quote-panel.js';

const DEBOUNCE_MS = 250;
const PHONE = '(max-width: 767px)';

interface LaunchDialogProps {
  /** A model to begin with, or `new`. */
  readonly modelId: string;
  readonly onClose: () => void;
}

/** Launches an instance; the cost stands beside the form, and on the button, before anything is taken. */
export default function LaunchDialog({ modelId, onClose }: LaunchDialogProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const isPhone = useMediaQuery(PHONE);
  const { data: models = [] } = useQuery(modelsQuery);
  const { data: regions = [] } = useQuery(regionsQuery);
  const [typed, setTyped] = useState<Partial<LaunchValues>>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const t = text.launch;

  const chosen = models.find(({ id }) => id === (typed.modelId ?? modelId)) ?? models[0];
  const isExternal = chosen?.source.kind === 'external';
  const gpus = inOffer(useQuery(gpuTypesQuery(chosen?.id)).data ?? []);
  const values: LaunchValues = {
    ...LAUNCH_EMPTY,
    kind: isExternal ? 'external' : 'gpu',
    modelId: chosen?.id ?? '',
    ...firstChoice(gpus),
    ...typed,
    // What is typed before the regions are known is in the first one, as it is shown.
    pods: (typed.pods ?? LAUNCH_EMPTY.pods).map((pod) => ({ ...pod, region: pod.region || (regions[0]?.region ?? '') })),
  };
  const change = (next: Partial<LaunchValues>): void => setTyped((before) => ({ ...before, ...next }));
  const body = launchBody(values);
  const [quoted] = useDebouncedValue(JSON.stringify(body ?? null), DEBOUNCE_MS);
  const { data: quote, error: quoteError } = useQuery(
    quoteQuery(quoted === 'null' ? undefined : (JSON.parse(quoted) as NonNullable<typeof body>)),
  );
  const isCurrent = quoted === JSON.stringify(body ?? null);

  const submit = async (): Promise<void> => {
    if (body === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const made = await take(
        api.POST('/api/v1/instances', { body: body as never, headers: { 'idempotency-key': idempotencyKey() } }),
      );
      await queries.invalidateQueries({ queryKey: ['instances'] });
      void queries.invalidateQueries({ queryKey: ['billing'] });
      await navigate({ to: '/instances/$id', params: { id: String(made.id) } });
    } catch (thrown) {
      setProblem(toProblem(thrown));
      // What was shown may not hold any more: it is asked for again, never launched silently.
      void queries.invalidateQueries({ queryKey: ['instances', 'quote'] });
      setBusy(false);
    }
  };
  const close = (): void => {
    if (Object.keys(typed).length > 0 && !window.confirm(t.discard)) return;
    onClose();
  };
  const shown = problem ?? (quoteError === null ? undefined : toProblem(quoteError));
  return (
    <Dialog onClose={close} title={t.title} size={940} fullScreen={isPhone} classNames={{ body: styles.body ?? '' }}>
      <form
        className={styles.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void submit();
        }}
      >
        <div className={styles.form}>
          {shown !== undefined && <ProblemNotice problem={shown} />}
          <SegmentedControl
            fullWidth
            aria-label={t.kind}
            value={values.kind}
            onChange={(kind) => change({ kind })}
            data={[
              { value: 'gpu' as const, label: t.kinds.gpu },
              { value: 'external' as const, label: t.kinds.external },
            ]}
          />
          <div className={styles.pair}>
            <Select
              label={t.model}
              placeholder={models.length === 0 ? t.modelNone : ''}
              data-autofocus
              data={models.map((model) => ({
                value: model.id,
                label: [model.name, sourceText(model.source)].filter(Boolean).join(' · '),
              }))}
              value={values.modelId === '' ? null : values.modelId}
              onChange={(id) => change({ modelId: id ?? '' })}
            />
            <TextInput
              label={t.name}
              placeholder={chosen?.name ?? ''}
              value={values.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
          </div>
          {values.kind === 'gpu' ? (
            <GpuFields values={values} gpus={gpus} regions={regions} quote={quote} onChange={change} />
          ) : (
            <PodsFields pods={values.pods} regions={regions} onChange={(pods) => change({ pods })} />
          )}
          <Switch
            label={t.compatible}
            description={t.compatibleNote(chosen?.name ?? 'model')}
            checked={values.compatible}
            onChange={(event) => change({ compatible: event.currentTarget.checked })}
          />
          {!values.compatible && (
            <TextInput
              label={t.customPath}
              description={t.customPathNote}
              placeholder="generate"
              value={values.customPath}
              onChange={(event) => change({ customPath: event.currentTarget.value })}
            />
          )}
          <Select
            label={t.strategy}
            description={t.strategyNotes[values.strategy]}
            data={STRATEGIES.map((value) => ({ value, label: t.strategies[value] }))}
            value={values.strategy}
            onChange={(value) => change({ strategy: STRATEGIES.find((known) => known === value) ?? 'round_robin' })}
          />
          {values.kind === 'gpu' && <DetailFields values={values} onChange={change} />}
        </div>
        <QuotePanel
          values={values}
          quote={quote}
          busy={busy}
          canLaunch={body !== undefined && isCurrent && quote !== undefined && quote.available}
        />
      </form>
    </Dialog>
  );
}

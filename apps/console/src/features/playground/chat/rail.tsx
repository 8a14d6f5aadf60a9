import { Button, NumberInput, Select, Slider, TagsInput, Textarea } from '@mantine/core';
import { useId } from 'react';
import { countText } from '../../../format/count.js';
import { text } from '../../../text/index.js';
import { Money } from '../../../ui/money.js';
import styles from './chat.module.css';
import { Tools } from './tools.js';
import { type ChatSettings, SETTINGS_DEFAULT, type Turn } from './turn.js';

const STOPS_MAX = 4;

interface RailProps {
  readonly settings: ChatSettings;
  readonly turns: readonly Turn[];
  readonly onChange: (next: Partial<ChatSettings>) => void;
}

/** System prompt, parameters, tools and what the conversation has cost. Parameters that are not set are the server's. */
export function Rail({ settings, turns, onChange }: RailProps) {
  const t = text.playground;
  const reset = (): void => onChange({ ...SETTINGS_DEFAULT, system: settings.system, tools: settings.tools });
  return (
    <>
      <div className={styles.section}>
        <Textarea
          label={t.system}
          placeholder={t.systemPlaceholder}
          autosize
          minRows={2}
          maxRows={10}
          value={settings.system}
          onChange={(event) => onChange({ system: event.currentTarget.value })}
        />
      </div>
      <div className={styles.section}>
        <div className={styles.sectionHead}>
          <h2 className={styles.sectionTitle}>{t.settings}</h2>
          <Button variant="subtle" size="compact-xs" onClick={reset}>
            {t.reset}
          </Button>
        </div>
        <Parameter
          name={t.temperature}
          value={settings.temperature}
          unset={1}
          max={2}
          step={0.1}
          onChange={(temperature) => onChange({ temperature })}
        />
        <Parameter name={t.topP} value={settings.topP} unset={1} max={1} step={0.05} onChange={(topP) => onChange({ topP })} />
        <Parameter
          name={t.maxTokens}
          value={settings.maxTokens}
          unset={2_048}
          min={1}
          max={8_192}
          step={1}
          onChange={(maxTokens) => onChange({ maxTokens })}
        />
        <Parameter
          name={t.frequency}
          value={settings.frequencyPenalty}
          unset={0}
          min={-2}
          max={2}
          step={0.1}
          onChange={(frequencyPenalty) => onChange({ frequencyPenalty })}
        />
        <Parameter
          name={t.presence}
          value={settings.presencePenalty}
          unset={0}
          min={-2}
          max={2}
          step={0.1}
          onChange={(presencePenalty) => onChange({ presencePenalty })}
        />
        <TagsInput
          label={t.stopSequences}
          placeholder={settings.stop.length === 0 ? t.stopPlaceholder : ''}
          maxTags={STOPS_MAX}
          splitChars={[]}
          value={[...settings.stop]}
          onChange={(stop) => onChange({ stop })}
        />
        <SeedAndFormat settings={settings} onChange={onChange} />
      </div>
      <Tools tools={settings.tools} onChange={(tools) => onChange({ tools })} />
      <Totals turns={turns} />
    </>
  );
}

function SeedAndFormat({ settings, onChange }: Omit<RailProps, 'turns'>) {
  const t = text.playground;
  return (
    <div className={styles.pair}>
      <NumberInput
        label={t.seed}
        placeholder={t.random}
        hideControls
        allowDecimal={false}
        value={settings.seed ?? ''}
        onChange={(value) => onChange({ seed: typeof value === 'number' ? value : null })}
      />
      <Select
        label={t.format}
        value={settings.format}
        data={[
          { value: 'text', label: t.formats.text },
          { value: 'json_object', label: t.formats.json_object },
        ]}
        onChange={(value) => onChange({ format: value === 'json_object' ? 'json_object' : 'text' })}
      />
    </div>
  );
}

interface ParameterProps {
  readonly name: string;
  readonly value: number | null;
  /** Where the slider stands while nothing is set. */
  readonly unset: number;
  readonly min?: number;
  readonly max: number;
  readonly step: number;
  readonly onChange: (value: number | null) => void;
}

function Parameter({ name, value, unset, min = 0, max, step, onChange }: ParameterProps) {
  const id = useId();
  return (
    <div className={styles.slider}>
      <label htmlFor={id} className={styles.sliderName}>
        {name}
      </label>
      <NumberInput
        id={id}
        size="xs"
        hideControls
        value={value ?? ''}
        placeholder={String(unset)}
        min={min}
        step={step}
        onChange={(next) => onChange(typeof next === 'number' ? next : null)}
        styles={{ input: { textAlign: 'right' } }}
      />
      <Slider
        aria-label={name}
        thumbLabel={name}
        label={null}
        size={3}
        thumbSize={16}
        min={min}
        max={max}
        step={step}
        value={Math.min(max, value ?? unset)}
        onChange={(next) => onChange(Math.round(next * 100) / 100)}
      />
    </div>
  );
}

function Totals({ turns }: { readonly turns: readonly Turn[] }) {
  const answers = turns.filter((turn) => turn.kind === 'answer');
  const sum = (pick: (figures: (typeof answers)[number]['figures']) => number | null): number =>
    answers.reduce((total, { figures }) => total + (pick(figures) ?? 0), 0);
  const cost = answers.reduce((total, { figures }) => total + BigInt(figures.cost ?? '0'), 0n);
  const t = text.playground;
  return (
    <section className={styles.totals}>
      <h2 className={styles.sectionTitle}>{t.totals}</h2>
      <dl>
        <div className={styles.total}>
          <dt>{t.calls}</dt>
          <dd>{countText(answers.length)}</dd>
        </div>
        <div className={styles.total}>
          <dt>{t.tokensInOut}</dt>
          <dd>
            {countText(sum(({ inputTokens }) => inputTokens))} / {countText(sum(({ outputTokens }) => outputTokens))}
          </dd>
        </div>
        <div className={styles.total}>
          <dt>{t.cost}</dt>
          <dd>
            <strong>
              <Money amount={cost} />
            </strong>
          </dd>
        </div>
      </dl>
    </section>
  );
}

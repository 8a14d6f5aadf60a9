import { Checkbox, NumberInput, Textarea, TextInput } from '@mantine/core';
import { moneyText, nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import styles from './launch.module.css';
import { environmentOf, type LaunchValues } from './launch-form.js';
import { countFor, fitOf } from './machines.js';
import type { GpuType, Quote, Region } from './queries.js';

const COUNT_MAX = 64;
const FIT_CLASSES = { yes: styles.fitYes, tight: styles.fitTight, no: styles.fitNo, unknown: styles.quiet };

interface GpuFieldsProps {
  readonly values: LaunchValues;
  readonly gpus: readonly GpuType[];
  readonly regions: readonly Region[];
  readonly quote: Quote | undefined;
  readonly onChange: (next: Partial<LaunchValues>) => void;
}

/** GPU type, count and regions, with what is free where. */
export function GpuFields({ values, gpus, regions, quote, onChange }: GpuFieldsProps) {
  const t = text.launch;
  if (gpus.length === 0) return <p className={styles.quiet}>{t.noGpus}</p>;
  return (
    <>
      <div>
        <p className={styles.label} id="launch-gpu">
          {t.gpu}
        </p>
        <div className={styles.gpus} role="group" aria-labelledby="launch-gpu">
          {gpus.map((gpu) => (
            <button
              key={gpu.name}
              type="button"
              className={styles.gpu}
              aria-pressed={values.gpu === gpu.name}
              onClick={() => onChange({ gpu: gpu.name, count: countFor(gpu, values.count) })}
            >
              <span className={styles.gpuHead}>
                <strong>{gpu.name}</strong>
                <span>
                  {moneyText(nanoUsd(gpu.hourly_rate_nano_usd))}
                  <span className={styles.quiet}>{text.shell.perHour}</span>
                </span>
              </span>
              <span className={styles.gpuFree}>
                {gpu.capacity.length === 0
                  ? t.noCapacity
                  : `${t.free} ${gpu.capacity.map(({ region, gpus_free: free }) => `${region} ${free}`).join(' · ')}`}
              </span>
              <MachineFitLine gpu={gpu} />
            </button>
          ))}
        </div>
      </div>
      <div className={styles.pair}>
        <NumberInput
          label={t.count}
          min={1}
          max={COUNT_MAX}
          allowDecimal={false}
          value={values.count}
          onChange={(count) => onChange({ count: typeof count === 'number' && count > 0 ? count : 1 })}
        />
        {quote !== undefined && (
          <div>
            <p className={styles.label}>{t.fit}</p>
            <Fit verdict={quote.fits.verdict} arithmetic={quote.fits.arithmetic} />
          </div>
        )}
      </div>
      <RegionsField values={values} gpus={gpus} regions={regions} onChange={onChange} />
    </>
  );
}

/** With how many GPUs of this type the model runs. */
function MachineFitLine({ gpu }: { readonly gpu: GpuType }) {
  const fit = fitOf(gpu);
  if (fit === undefined || fit.verdict === 'unknown') return null;
  const t = text.launch.fitsOn;
  const word = 'count' in fit ? t[fit.verdict](fit.count) : t[fit.verdict];
  return <span className={`${styles.gpuFit ?? ''} ${FIT_CLASSES[fit.verdict] ?? ''}`}>{word}</span>;
}

function Fit({ verdict, arithmetic }: { readonly verdict: 'yes' | 'tight' | 'no' | 'unknown'; readonly arithmetic: string }) {
  return (
    <span className={FIT_CLASSES[verdict]}>
      {verdict === 'yes' ? '✓ ' : ''}
      {text.launch.fits[verdict]}: {arithmetic}
    </span>
  );
}

function RegionsField({ values, gpus, regions, onChange }: Omit<GpuFieldsProps, 'quote'>) {
  const t = text.launch;
  const capacity = gpus.find(({ name }) => name === values.gpu)?.capacity ?? [];
  const toggle = (region: string): void =>
    onChange({
      regions: values.regions.includes(region) ? values.regions.filter((one) => one !== region) : [...values.regions, region],
    });
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
      <legend className={styles.label}>
        {t.regions} <span className={styles.labelNote}>{t.regionsNote}</span>
      </legend>
      <div className={styles.regions}>
        {regions.map(({ region, name }) => {
          const free = capacity.find((one) => one.region === region)?.gpus_free ?? 0;
          const isFull = values.gpu !== '' && free < values.count;
          return (
            <div key={region} className={styles.region}>
              <Checkbox
                label={
                  <span className={styles.regionName}>
                    <span className="mono">{region}</span>
                    {name}
                  </span>
                }
                checked={values.regions.includes(region)}
                disabled={isFull && !values.regions.includes(region)}
                onChange={() => toggle(region)}
              />
              <span className={styles.quiet}>{isFull ? t.regionFull(values.gpu) : t.regionFree(free)}</span>
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}

/** What is rarely changed. */
export function DetailFields({ values, onChange }: Pick<GpuFieldsProps, 'values' | 'onChange'>) {
  const t = text.launch;
  return (
    <details className={styles.details}>
      <summary>{t.details}</summary>
      <div className={styles.detailsBody}>
        <TextInput label={t.image} value={values.image} onChange={(event) => onChange({ image: event.currentTarget.value })} />
        <Textarea
          label={t.args}
          autosize
          minRows={2}
          maxRows={8}
          value={values.args}
          onChange={(event) => onChange({ args: event.currentTarget.value })}
        />
        <Textarea
          label={t.env}
          autosize
          minRows={2}
          maxRows={8}
          value={values.env}
          error={environmentOf(values.env) === undefined ? t.envWrong : undefined}
          onChange={(event) => onChange({ env: event.currentTarget.value })}
        />
        <Checkbox
          label={t.singleRegion}
          checked={values.singleRegion}
          onChange={(event) => onChange({ singleRegion: event.currentTarget.checked })}
        />
      </div>
    </details>
  );
}

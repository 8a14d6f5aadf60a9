import { useQuery } from '@tanstack/react-query';
import { countText } from '../../format/count.js';
import { recentText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { useZone } from '../session/queries.js';
import { classOf } from './outcome.js';
import { type Histogram as Counts, histogramQuery, type RequestFilter, type RequestRange } from './queries.js';
import styles from './requests.module.css';

const CLASSES = ['answered', 'refused', 'failed'] as const;
const WIDTH = 1_000;
const HEIGHT = 64;
const STEPS_MAX = 200;

interface HistogramProps {
  readonly filter: RequestFilter;
  readonly range: RequestRange;
  readonly live: boolean;
}

/** How many calls ended how, over the range. */
export function Histogram(props: HistogramProps) {
  const zone = useZone();
  const { data } = useQuery(histogramQuery(props.filter, props.range, props.live));
  const t = text.requests.histogram;
  if (data === undefined) return <div className={styles.histogram} aria-busy="true" aria-hidden="true" />;
  const steps = stepsOf(data);
  const sums = CLASSES.map((kind) => steps.reduce((sum, step) => sum + step[kind], 0));
  const [answered = '', refused = '', failed = ''] = sums.map(countText);
  return (
    <section className={styles.histogram} aria-label={t.title}>
      <Bars steps={steps} label={t.label(answered, refused, failed)} />
      <ul className={styles.legend}>
        {CLASSES.map((kind, index) => (
          <li key={kind}>
            <span className={`${styles.swatch ?? ''} ${styles[kind] ?? ''}`} aria-hidden="true" />
            {t[kind]} <strong>{countText(sums[index] ?? 0)}</strong>
          </li>
        ))}
        <li className={styles.span}>
          {recentText(data.from, zone)} – {recentText(data.to, zone)}
        </li>
      </ul>
    </section>
  );
}

type Step = Record<(typeof CLASSES)[number], number>;

/** Every step of the time, also those in which nothing was called. */
function stepsOf({ from, to, step_seconds, data }: Counts): Step[] {
  const stepMs = Math.max(1, step_seconds * 1_000);
  const start = Date.parse(from);
  const count = Math.min(STEPS_MAX, Math.max(1, Math.ceil((Date.parse(to) - start) / stepMs)));
  const steps: Step[] = Array.from({ length: count }, () => ({ answered: 0, refused: 0, failed: 0 }));
  for (const { at, outcome, count: calls } of data) {
    const index = Math.min(count - 1, Math.max(0, Math.floor((Date.parse(at) - start) / stepMs)));
    const step = steps[index];
    if (step !== undefined) step[classOf(outcome)] += calls;
  }
  return steps;
}

function Bars({ steps, label }: { readonly steps: readonly Step[]; readonly label: string }) {
  const top = Math.max(1, ...steps.map(({ answered, refused, failed }) => answered + refused + failed));
  const width = WIDTH / steps.length;
  return (
    <svg className={styles.bars} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {steps.flatMap((step, index) => {
        let y = HEIGHT;
        return CLASSES.map((kind) => {
          if (step[kind] === 0) return null;
          // One failure among thousands is still to be seen.
          const height = Math.max(2, (step[kind] / top) * (HEIGHT - 4));
          y -= height;
          return (
            <rect
              key={`${index} ${kind}`}
              className={styles[kind]}
              x={index * width}
              y={Math.max(0, y)}
              width={width * 0.84}
              height={height}
            />
          );
        });
      })}
    </svg>
  );
}

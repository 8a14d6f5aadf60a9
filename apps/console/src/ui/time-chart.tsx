import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { type ChartPoint, chartPaths } from './chart-paths.js';
import styles from './time-chart.module.css';

interface TimeChartProps {
  readonly title: string;
  /** The figure of the whole time, and what stands beside it. */
  readonly figure: string;
  readonly note?: string | undefined;
  readonly points: readonly ChartPoint[];
  /** One of the series colours: `c1` … `c6`. */
  readonly color: 'c1' | 'c2' | 'c3' | 'c4' | 'c5' | 'c6';
  readonly valueText: (value: number) => string;
  readonly timeText: (at: number) => string;
  readonly asTable: string;
  readonly columns: readonly [string, string];
}

const WIDTH = 360;
const HEIGHT = 72;

/** An area from 0 upwards over time. The pointer and the arrow keys show a point; the table has all of them. */
export function TimeChart(props: TimeChartProps) {
  const { title, figure, note, points, color, valueText, timeText, asTable, columns } = props;
  const [chosen, setChosen] = useState<number>();
  const last = points.length - 1;
  const shown = chosen === undefined ? undefined : points[Math.min(chosen, last)];
  const marks = last < 1 ? [] : [0, Math.round(last / 2), last].flatMap((index) => points[index] ?? []);
  const paths = chartPaths(points, WIDTH, HEIGHT);
  const xOf = (index: number): number => (last < 1 ? 0 : (index / last) * WIDTH);
  const onPointer = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setChosen(Math.max(0, Math.min(last, Math.round(((clientX - left) / width) * last))));
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setChosen(Math.max(0, Math.min(last, (chosen ?? last) + step)));
  };
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.head}>
        <span className={styles.title}>{title}</span>
        <span>
          <strong>{shown === undefined ? figure : shown.value === null ? '–' : valueText(shown.value)}</strong>{' '}
          <span className={styles.note}>{shown === undefined ? note : timeText(shown.at)}</span>
        </span>
      </figcaption>
      <svg
        className={styles.area}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${figure} ${note ?? ''}`}
        tabIndex={0}
        onPointerMove={onPointer}
        onPointerLeave={() => setChosen(undefined)}
        onBlur={() => setChosen(undefined)}
        onKeyDown={onKey}
      >
        <path d={paths.area} fill={`var(--ec-${color})`} fillOpacity={0.14} />
        <path
          d={paths.line}
          fill="none"
          stroke={`var(--ec-${color})`}
          strokeWidth={1.5}
          strokeLinecap="round"
          vectorEffect="non-scaling-stroke"
        />
        {chosen !== undefined && (
          <path d={`M${xOf(chosen)} 0V${HEIGHT}`} className={styles.cursor} vectorEffect="non-scaling-stroke" />
        )}
      </svg>
      <div className={styles.marks} aria-hidden="true">
        {marks.map(({ at }) => (
          <span key={at}>{timeText(at)}</span>
        ))}
      </div>
      <details className={styles.table}>
        <summary>{asTable}</summary>
        <div className={styles.rows} tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map(({ at, value }) => (
                <tr key={at}>
                  <td>{timeText(at)}</td>
                  <td>{value === null ? '–' : valueText(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

import { type ChartPoint, chartPaths } from './chart-paths.js';
import styles from './sparkline.module.css';

const WIDTH = 62;
const HEIGHT = 20;

/** The course of a figure that stands beside it: without words of its own. */
export function Sparkline({ points }: { readonly points: readonly ChartPoint[] }) {
  const { line, area } = chartPaths(points, WIDTH, HEIGHT);
  return (
    <svg className={styles.sparkline} width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={area} fill="var(--ec-c1)" fillOpacity={0.14} />
      <path d={line} fill="none" stroke="var(--ec-c1)" strokeWidth={1.25} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

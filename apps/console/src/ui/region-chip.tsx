import { text } from '../text/index.js';
import styles from './region-chip.module.css';

export type BarState = 'ready' | 'starting' | 'down' | 'stopped';

/** Beyond that the code tells more than bars do. */
const BARS_MAX = 8;

/** One bar for each pod, and the region's code; each state has a shape of its own. */
export function RegionChip({ region, bars }: { readonly region: string; readonly bars: readonly BarState[] }) {
  const ready = bars.filter((bar) => bar === 'ready').length;
  return (
    <span className={styles.chip}>
      <span className={styles.bars} aria-hidden="true">
        {bars.slice(0, BARS_MAX).map((bar, index) => (
          <span key={index} className={styles[bar]} />
        ))}
      </span>
      <span className={styles.code} aria-hidden="true">
        {region}
      </span>
      <span className="visually-hidden">{text.ui.regionPods(region, ready, bars.length)}</span>
    </span>
  );
}

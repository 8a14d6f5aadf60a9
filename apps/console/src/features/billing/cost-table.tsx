import { moneyText } from '../../format/money.js';
import { text } from '../../text/index.js';
import styles from './billing.module.css';
import type { CostSeries } from './series.js';

/** The chart in exact figures; days on which nothing was spent are left out. */
export function CostTable({ days, series }: { readonly days: readonly string[]; readonly series: readonly CostSeries[] }) {
  const t = text.billing.chart;
  const rows = days.filter((day) => series.some(({ byDay }) => (byDay.get(day) ?? 0n) !== 0n));
  return (
    <details>
      <summary className={styles.summary}>{t.table}</summary>
      <div className={styles.figures} tabIndex={0} role="region" aria-label={t.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.day}</th>
              {series.map(({ name, label }) => (
                <th key={name} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((day) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {series.map(({ name, byDay }) => (
                  <td key={name}>{moneyText(byDay.get(day) ?? 0n)}</td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="row">{t.sum}</th>
              {series.map(({ name, total }) => (
                <td key={name}>{moneyText(total)}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
    </details>
  );
}

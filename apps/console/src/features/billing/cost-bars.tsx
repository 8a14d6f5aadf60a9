import '@mantine/charts/styles.layer.css';
import { BarChart } from '@mantine/charts';
import { NANO_USD_PER_USD } from '@ecolink/contracts';
import type { CostSeries } from './series.js';

const HEIGHT = 190;
const MICRO_PER_USD = 1_000_000;
const NANO_PER_MICRO = NANO_USD_PER_USD / BigInt(MICRO_PER_USD);

/** Dollars as a number: for the height of a bar only; every figure that is read stands in the table. */
function height(cost: bigint): number {
  return Number(cost / NANO_PER_MICRO) / MICRO_PER_USD;
}

const WIDTH_MIN = 44;
const DIGIT_PX = 8;

/** Room for the longest label that a bar of this day can ask for. */
function labelWidth(day: Readonly<Record<string, string | number>>): number {
  const sum = Object.values(day).reduce<number>((total, value) => total + (typeof value === 'number' ? value : 0), 0);
  return (dollars(sum / 3).length + 1) * DIGIT_PX;
}

function dollars(value: number): string {
  return `$${value >= 1 || value === 0 ? Number(value.toFixed(2)) : Number(value.toPrecision(3))}`;
}

export default function CostBars({ days, series }: { readonly days: readonly string[]; readonly series: readonly CostSeries[] }) {
  const data = days.map((day) => ({
    day: String(Number(day.slice(8))),
    ...Object.fromEntries(series.map(({ name, byDay }) => [name, height(byDay.get(day) ?? 0n)])),
  }));
  return (
    <BarChart
      h={HEIGHT}
      data={data}
      dataKey="day"
      type="stacked"
      series={series.map(({ name, label, color }) => ({ name, label, color }))}
      withLegend={false}
      gridAxis="x"
      // Small sums have long labels.
      yAxisProps={{ width: Math.max(...data.map(labelWidth), WIDTH_MIN) }}
      tickLine="none"
      maxBarWidth={16}
      valueFormatter={dollars}
      barChartProps={{ accessibilityLayer: false }}
    />
  );
}

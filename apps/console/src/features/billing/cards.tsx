import { useQuery } from '@tanstack/react-query';
import { compactText, countText } from '../../format/count.js';
import { durationText } from '../../format/duration.js';
import { moneyText, moneyTextShort, nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import { Money } from '../../ui/money.js';
import { StatCard } from '../../ui/stat-card.js';
import { useZone } from '../session/queries.js';
import styles from './billing.module.css';
import { type Group, usageQuery } from './queries.js';
import type { billingSummaryQuery } from './summary.js';

export type Summary = Awaited<ReturnType<NonNullable<typeof billingSummaryQuery.queryFn>>>;

/** The month in four figures. What calls cost is the usage report's total; the rest of the month's cost is GPU time. */
export function Cards({ summary, group }: { readonly summary: Summary; readonly group: Group }) {
  const zone = useZone();
  const totals = useQuery(usageQuery(group, 'month', zone)).data?.totals;
  const { cards, costOf, callsNote, tokensOf } = text.billing;
  const month = nanoUsd(summary.month_cost_nano_usd);
  const calls = totals === undefined ? undefined : nanoUsd(totals.cost_nano_usd);
  return (
    <div className={styles.cards}>
      <StatCard label={cards.balance} value={<Money amount={nanoUsd(summary.balance_nano_usd)} />}>
        {lastsText(summary)}
      </StatCard>
      <StatCard label={cards.cost} value={<Money amount={month} />}>
        {calls !== undefined && costOf(moneyText(calls), moneyText(month - calls))}
      </StatCard>
      <StatCard label={cards.calls} value={countText(summary.month_calls)}>
        {callsNote}
      </StatCard>
      <StatCard
        label={cards.tokens}
        value={<span title={countText(summary.month_tokens)}>{compactText(summary.month_tokens)}</span>}
      >
        {totals !== undefined && tokensOf(compactText(totals.input_tokens), compactText(totals.output_tokens))}
      </StatCard>
    </div>
  );
}

function lastsText({ runs_out_at, burn_rate_nano_usd_per_hour }: Summary): string {
  const burn = nanoUsd(burn_rate_nano_usd_per_hour);
  if (burn === 0n) return text.billing.noSpend;
  const rate = moneyTextShort(burn);
  if (runs_out_at === null) return `${rate}${text.shell.perHour}`;
  return text.billing.lasts(durationText(Date.parse(runs_out_at) - Date.now()), rate);
}

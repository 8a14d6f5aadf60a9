import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { moneyText, nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import { Money } from '../../ui/money.js';
import { Notice } from '../../ui/notice.js';
import { billingSummaryQuery } from '../billing/summary.js';
import styles from './launch.module.css';
import type { LaunchValues } from './launch-form.js';
import type { Quote } from './queries.js';

interface QuotePanelProps {
  readonly values: LaunchValues;
  readonly quote: Quote | undefined;
  readonly busy: boolean;
  readonly canLaunch: boolean;
}

/** What the launch takes: rate, hold, what is left; and what is missing when the balance is short. */
export function QuotePanel({ values, quote, busy, canLaunch }: QuotePanelProps) {
  const navigate = useNavigate();
  const { data: billing } = useQuery(billingSummaryQuery);
  const t = text.launch;
  const isExternal = values.kind === 'external';
  const hold = nanoUsd(quote?.hold_nano_usd);
  const available = nanoUsd(billing?.balance_nano_usd);
  const missing = hold - available;
  const isShort = quote !== undefined && !quote.affordable;
  return (
    <aside className={styles.quote} aria-label={t.costs}>
      <h2 className={styles.quoteTitle}>{t.costs}</h2>
      {!isExternal && quote === undefined && <p className={styles.quiet}>{t.noQuote}</p>}
      {!isExternal && quote !== undefined && (
        <Sum values={values} quote={quote} available={available} isShort={isShort} missing={missing} />
      )}
      {quote?.problem !== null && quote?.problem !== undefined && !quote.available && (
        <Notice kind="warn" title={text.problems.titles['insufficient_capacity'] ?? ''}>
          {quote.problem}
        </Notice>
      )}
      {isShort && (
        <Notice kind="bad" title={text.problems.titles['insufficient_balance'] ?? ''}>
          {t.short}
        </Notice>
      )}
      <ul className={styles.rules}>
        {(isExternal ? t.externalRules : t.rules).map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
      </ul>
      <div className={styles.submit}>
        {isShort && (
          <Button size="md" fullWidth onClick={() => void navigate({ to: '/billing', search: { dialog: 'top-up' } })}>
            {t.topUp(moneyText(missing))}
          </Button>
        )}
        <Button
          type="submit"
          size="md"
          fullWidth
          loading={busy}
          variant={isShort ? 'default' : 'filled'}
          disabled={!canLaunch || isShort}
        >
          {quote === undefined || hold === 0n || isExternal ? t.submitFree : t.submit(moneyText(hold))}
        </Button>
      </div>
    </aside>
  );
}

interface SumProps {
  readonly values: LaunchValues;
  readonly quote: Quote;
  readonly available: bigint;
  readonly isShort: boolean;
  readonly missing: bigint;
}

const PERCENT = 100n;

function Sum({ values, quote, available, isShort, missing }: SumProps) {
  const t = text.launch;
  const rate = nanoUsd(quote.hourly_rate_nano_usd);
  const replica = rate * BigInt(values.count);
  const hold = nanoUsd(quote.hold_nano_usd);
  const share = isShort
    ? hold === 0n
      ? 0
      : Number((available * PERCENT) / hold)
    : available <= 0n
      ? 0
      : Number((hold * PERCENT) / available);
  return (
    <>
      <dl className={styles.sum}>
        <div>
          <dt>{t.perGpu(values.gpu, values.count, moneyText(rate))}</dt>
          <dd>
            <Money amount={replica} />
            <span className={styles.quiet}>{text.shell.perHour}</span>
          </dd>
        </div>
        <div>
          <dt>{t.replicas(quote.replicas)}</dt>
          <dd>
            <strong>
              <Money amount={replica * BigInt(quote.replicas)} />
            </strong>
            <span className={styles.quiet}>{text.shell.perHour}</span>
          </dd>
        </div>
      </dl>
      <dl className={styles.hold}>
        <div className={styles.strong}>
          <dt>{t.hold}</dt>
          <dd>
            <Money amount={hold} />
          </dd>
        </div>
        <svg className={styles.bar} viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">
          <rect className={isShort ? styles.barShort : styles.barTrack} width="100" height="5" />
          <rect
            className={isShort ? styles.barMark : styles.barFill}
            x={isShort ? Math.min(99, share) : 0}
            width={isShort ? 1 : Math.min(100, share)}
            height="5"
          />
        </svg>
        <div>
          <dt>{t.available}</dt>
          <dd>
            <Money amount={available} />
          </dd>
        </div>
        <div className={isShort ? styles.missing : styles.strong}>
          <dt>{isShort ? t.missing : t.left}</dt>
          <dd>
            <Money amount={isShort ? missing : available - hold} />
          </dd>
        </div>
      </dl>
    </>
  );
}

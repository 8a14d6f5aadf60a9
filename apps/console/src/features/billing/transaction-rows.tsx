import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { moneyParts, nanoUsd } from '../../format/money.js';
import { dateTimeText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { Money } from '../../ui/money.js';
import { useRowHeight } from '../../ui/use-row-height.js';
import virtual from '../../ui/virtual-table.module.css';
import { useZone } from '../session/queries.js';
import styles from './billing.module.css';
import type { Transaction } from './queries.js';

const OVERSCAN = 12;
/** The next window is asked for this many rows before the last one comes into sight. */
const AHEAD = 20;
const INITIAL = { width: 1_000, height: 520 };

interface TransactionRowsProps {
  readonly rows: readonly Transaction[];
  readonly note?: string | undefined;
  readonly onEnd: () => void;
}

export function TransactionRows({ rows, note, onEnd }: TransactionRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    initialRect: INITIAL,
  });
  useEffect(() => list.measure(), [list, height]);
  const items = list.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - AHEAD) onEnd();
  }, [last, rows.length, onEnd]);
  const { columns } = text.billing.transactions;
  const before = items[0]?.start ?? 0;
  const after = list.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <>
      <div ref={scroller} className={virtual.scroller} tabIndex={0} role="region" aria-label={text.billing.transactions.scroll}>
        <table className={`${virtual.table ?? ''} ${styles.ledger ?? ''}`} aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              <th scope="col">{columns.date}</th>
              <th scope="col">{columns.type}</th>
              <th scope="col">{columns.description}</th>
              <th scope="col" className={virtual.right}>
                {columns.amount}
              </th>
              <th scope="col" className={virtual.right}>
                {columns.after}
              </th>
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Gap height={before} />}
            {items.map(({ index }) => {
              const row = rows[index];
              return row === undefined ? null : <Row key={row.id} row={row} index={index} />;
            })}
            {after > 0 && <Gap height={after} />}
          </tbody>
        </table>
      </div>
      {note !== undefined && (
        <p className={virtual.note} role="status">
          {note}
        </p>
      )}
    </>
  );
}

function Gap({ height }: { readonly height: number }) {
  return (
    <tr aria-hidden="true" className={virtual.gap}>
      <td colSpan={5} style={{ height }} />
    </tr>
  );
}

const PAD = 7;

function Row({ row, index }: { readonly row: Transaction; readonly index: number }) {
  const zone = useZone();
  const t = text.billing.transactions;
  const amount = nanoUsd(row.amount_nano_usd);
  const pad = moneyParts(amount).rest.length > PAD ? undefined : PAD;
  return (
    <tr aria-rowindex={index + 2}>
      <td className={virtual.bottomEnd}>{dateTimeText(row.created_at, zone)}</td>
      <td className={virtual.top}>{t.types[row.type]}</td>
      <td className={virtual.bottom} title={row.description}>
        {row.description}{' '}
        {row.instance_id !== null && (
          <Link to="/instances/$id" params={{ id: String(row.instance_id) }} className={virtual.link}>
            {t.instance(row.instance_id)}
          </Link>
        )}
        {typeof row.receipt_url === 'string' && /^https:/.test(row.receipt_url) && (
          <a href={row.receipt_url} target="_blank" rel="noreferrer" className={virtual.link}>
            {t.receipt}
          </a>
        )}
      </td>
      <td className={`${virtual.right ?? ''} ${virtual.topEnd ?? ''}`}>
        <Money amount={amount} asChange {...(pad === undefined ? {} : { padTo: pad })} />
      </td>
      <td className={virtual.right}>
        <Money amount={nanoUsd(row.balance_after_nano_usd)} />
      </td>
    </tr>
  );
}

import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { countText } from '../../format/count.js';
import { latencyText } from '../../format/duration.js';
import { nanoUsd } from '../../format/money.js';
import { clockTextWithMs } from '../../format/time.js';
import { text } from '../../text/index.js';
import { ModelId } from '../../ui/model-id.js';
import { Money } from '../../ui/money.js';
import { useRowHeight } from '../../ui/use-row-height.js';
import virtual from '../../ui/virtual-table.module.css';
import { useZone } from '../session/queries.js';
import { useKeyName } from './key-names.js';
import { endpointText } from './outcome.js';
import type { RequestRow } from './queries.js';
import styles from './requests.module.css';
import { StatusTag } from './status-tag.js';

const OVERSCAN = 12;
const AHEAD = 20;
const INITIAL = { width: 1_100, height: 520 };
const COLUMNS = ['time', 'status', 'model', 'endpoint', 'key', 'region', 'ttft', 'duration', 'tokens', 'cost'] as const;
const RIGHT: ReadonlySet<string> = new Set(['ttft', 'duration', 'tokens', 'cost']);

export interface RequestRowsProps {
  readonly rows: readonly RequestRow[];
  readonly open: string | undefined;
  readonly note?: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly onEnd: () => void;
  /** Whether somebody reads: points at the rows, or has scrolled into them. */
  readonly onHold: (isHeld: boolean) => void;
  /** Floats over the rows; it is given what scrolls back to the newest. */
  readonly children: (toTop: () => void) => ReactNode;
}

export function RequestRows({ rows, open, note, onOpen, onEnd, onHold, children }: RequestRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isInside = useRef(false);
  const hold = (inside: boolean): void => {
    isInside.current = inside;
    onHold(inside || (scroller.current?.scrollTop ?? 0) > 0);
  };
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
  const before = items[0]?.start ?? 0;
  const after = list.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className={styles.frame} onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)}>
      {children(() => scroller.current?.scrollTo({ top: 0 }))}
      <div
        ref={scroller}
        className={virtual.scroller}
        tabIndex={0}
        role="region"
        aria-label={text.requests.scroll}
        onScroll={() => hold(isInside.current)}
      >
        <table className={`${virtual.table ?? ''} ${styles.log ?? ''}`} aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th key={column} scope="col" className={RIGHT.has(column) ? virtual.right : undefined}>
                  {text.requests.columns[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Gap height={before} />}
            {items.map(({ index }) => {
              const row = rows[index];
              return row === undefined ? null : (
                <Row key={row.id} row={row} index={index} isOpen={row.id === open} onOpen={onOpen} />
              );
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
    </div>
  );
}

function Gap({ height }: { readonly height: number }) {
  return (
    <tr aria-hidden="true" className={virtual.gap}>
      <td colSpan={COLUMNS.length} style={{ height }} />
    </tr>
  );
}

interface RowProps {
  readonly row: RequestRow;
  readonly index: number;
  readonly isOpen: boolean;
  readonly onOpen: (id: string) => void;
}

function Row({ row, index, isOpen, onOpen }: RowProps) {
  const zone = useZone();
  const keyName = useKeyName();
  const none = <span className={styles.quiet}>{text.ui.none}</span>;
  const reached = row.attempts.length > 0;
  return (
    <tr aria-rowindex={index + 2} className={isOpen ? styles.open : styles.row} onClick={() => onOpen(row.id)}>
      <td className={virtual.topEnd}>
        <button type="button" className={styles.time} aria-expanded={isOpen} title={row.started_at}>
          {clockTextWithMs(row.started_at, zone)}
        </button>
      </td>
      <td className={virtual.top}>
        <StatusTag request={row} />
      </td>
      <td className={virtual.bottom}>{row.model === null ? none : <ModelId id={row.model} />}</td>
      <td title={row.endpoint}>{endpointText(row.endpoint)}</td>
      <td>{keyName(row.key_id, row.source_tag)}</td>
      <td className="mono">
        {row.region ?? none}
        {row.attempts.length > 1 && (
          <span className={styles.again} title={text.requests.failedOver(row.attempts.length)}>
            {' '}
            ×{row.attempts.length}
          </span>
        )}
      </td>
      <td className={virtual.right}>{row.ttft_ms === null ? none : latencyText(row.ttft_ms)}</td>
      <td className={`${virtual.right ?? ''} ${virtual.bottomEnd ?? ''}`}>{latencyText(row.duration_ms)}</td>
      <td className={virtual.right}>{row.units === null ? none : unitsText(row.units)}</td>
      <td className={virtual.right}>
        {reached || row.cost_nano_usd !== '0' ? <Money amount={nanoUsd(row.cost_nano_usd)} /> : none}
      </td>
    </tr>
  );
}

function unitsText({ images = 0, input_tokens: input = 0, output_tokens: output = 0 }: NonNullable<RequestRow['units']>): string {
  if (images > 0) return text.requests.images(images);
  const shown = (count: number): string => (count === 0 ? text.ui.none : countText(count));
  return input === 0 && output === 0 ? text.ui.none : `${shown(input)} / ${shown(output)}`;
}

import type { ReactNode } from 'react';
import styles from './table.module.css';

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** `lead`: what the row is, the title of its card on phones. `menu`: its actions, without a visible head. */
  readonly kind?: 'lead' | 'menu';
}

interface DataTableProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Off where the table stands in a section that has a frame. */
  readonly framed?: boolean;
}

const CLASSES = { lead: styles.whole, menu: `${styles.right ?? ''} ${styles.menu ?? ''}` } as const;

/** A list of things as a table; on phones each row becomes a card whose cells carry their column's name. */
export function DataTable<Row extends { readonly id: string }>({ columns, rows, framed = false }: DataTableProps<Row>) {
  return (
    <div className={framed ? styles.frame : styles.frameless}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map(({ header, kind }) => (
              <th key={header} scope="col">
                {kind === 'menu' ? <span className="visually-hidden">{header}</span> : header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {columns.map(({ header, kind, cell }) => (
                <td
                  key={header}
                  className={kind === undefined ? undefined : CLASSES[kind]}
                  {...(kind === undefined ? { 'data-l': header } : {})}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

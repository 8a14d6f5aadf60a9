import { Button } from '@mantine/core';
import { IconListSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Problem } from '../../api/problem.js';
import { operatorText as t } from '../../text/operator.js';
import { text } from '../../text/index.js';
import { Empty } from '../../ui/empty.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import table from '../../ui/table.module.css';

export interface AdminList<Row> {
  readonly rows: readonly Row[] | undefined;
  readonly problem: Problem | undefined;
  readonly loadMore: (() => void) | undefined;
  readonly isLoadingMore: boolean;
  /** There are more rows than a page shows. */
  readonly isCut: boolean;
  readonly reload: () => void;
}

export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  readonly right?: boolean;
}

interface AdminTableProps<Row> {
  readonly list: AdminList<Row>;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string | number;
  readonly actions?: (row: Row) => ReactNode;
  readonly empty: string;
}

/** A list of the admin API as a table, with what it shows while it loads, fails or is empty. */
export function AdminTable<Row>({ list, columns, keyOf, actions, empty }: AdminTableProps<Row>) {
  const { rows, problem } = list;
  const again = (
    <Button variant="default" size="xs" onClick={list.reload}>
      {text.ui.tryAgain}
    </Button>
  );
  if (rows === undefined)
    return problem === undefined ? <RowsLoading rows={6} /> : <ProblemNotice problem={problem} actions={again} />;
  if (rows.length === 0) {
    return (
      <Empty icon={IconListSearch} title={t.nothing}>
        {empty}
      </Empty>
    );
  }
  return (
    <>
      {problem !== undefined && <ProblemNotice problem={problem} actions={again} />}
      <div className={table.frame}>
        <table className={table.table}>
          <thead>
            <tr>
              {columns.map(({ label, right }) => (
                <th key={label} scope="col" className={right === true ? table.right : undefined}>
                  {label}
                </th>
              ))}
              {actions !== undefined && (
                <th scope="col">
                  <span className="visually-hidden">{t.actions}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ label, cell, right }) => (
                  <td key={label} data-l={label} className={right === true ? table.right : undefined}>
                    {cell(row)}
                  </td>
                ))}
                {actions !== undefined && <td className={`${table.right ?? ''} ${table.whole ?? ''}`}>{actions(row)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {list.loadMore !== undefined && (
        <div>
          <Button variant="default" onClick={list.loadMore} loading={list.isLoadingMore}>
            {t.loadMore}
          </Button>
        </div>
      )}
      {list.isCut && <p className={table.quiet}>{t.cut(rows.length)}</p>}
    </>
  );
}

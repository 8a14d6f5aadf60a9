import { Skeleton } from '@mantine/core';
import { text } from '../text/index.js';
import styles from './rows-loading.module.css';

/** As high as the rows that follow. */
export function RowsLoading({ rows, twoLines = false }: { readonly rows: number; readonly twoLines?: boolean }) {
  return (
    <div className={styles.rows} role="status" aria-busy="true">
      <span className="visually-hidden">{text.ui.loading}</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={twoLines ? styles.tall : styles.row} aria-hidden="true">
          <span className={styles.first}>
            <Skeleton height={10} width={120 + ((index * 37) % 60)} radius={5} />
            {twoLines && <Skeleton height={8} width={160 + ((index * 53) % 50)} radius={4} mt={8} />}
          </span>
          <Skeleton height={10} width={70} radius={5} />
          <Skeleton height={10} width={46} radius={5} />
        </div>
      ))}
    </div>
  );
}

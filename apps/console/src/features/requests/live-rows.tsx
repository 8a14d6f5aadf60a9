import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import { countText } from '../../format/count.js';
import { text } from '../../text/index.js';
import type { RequestRow } from './queries.js';
import { RequestRows, type RequestRowsProps } from './request-rows.js';
import styles from './requests.module.css';

/** The log while it grows: what somebody points at or has scrolled into stays where it is, and newer rows wait behind a button. */
export function LiveRows({ rows, ...props }: Omit<RequestRowsProps, 'onHold' | 'children'>) {
  const [held, setHeld] = useState<readonly RequestRow[]>();
  const top = held?.[0]?.id;
  const at = top === undefined ? 0 : rows.findIndex(({ id }) => id === top);
  // More came than a window holds: what is shown stays as it was.
  const [shown, fresh] = held !== undefined && at < 0 ? [held, rows.length] : [rows.slice(at), at];
  return (
    <RequestRows {...props} rows={shown} onHold={(isHeld) => setHeld(isHeld ? (held ?? rows) : undefined)}>
      {(toTop) =>
        fresh > 0 && (
          <Button
            className={styles.fresh}
            size="xs"
            variant="default"
            leftSection={<IconArrowUp size={14} stroke={1.8} aria-hidden="true" />}
            onClick={() => {
              setHeld(rows);
              toTop();
            }}
          >
            {text.requests.fresh(countText(fresh), at < 0)}
          </Button>
        )
      }
    </RequestRows>
  );
}

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { toProblem } from '../../api/problem.js';
import { operatorText } from '../../text/operator.js';
import { adminFile } from '../api.js';
import type { LedgerFilter } from './ledger-filter.js';

const t = operatorText.ledger;

/** The filtered transactions as a file. A link would not carry the token, so the page fetches it. */
export function CsvButton({ query }: { readonly query: LedgerFilter }) {
  const [isBusy, setIsBusy] = useState(false);
  const save = async (): Promise<void> => {
    setIsBusy(true);
    try {
      const search = new URLSearchParams({ ...query, format: 'csv' });
      const url = URL.createObjectURL(await adminFile(`/admin/v1/ledger/transactions?${search.toString()}`));
      const link = document.createElement('a');
      link.href = url;
      link.download = t.fileName;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url));
    } catch (thrown) {
      notifications.show({ title: t.csvFailed, message: toProblem(thrown).message, color: 'red' });
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} stroke={1.7} aria-hidden="true" />}
      loading={isBusy}
      onClick={() => void save()}
    >
      {t.csv}
    </Button>
  );
}

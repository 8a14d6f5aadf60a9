import { Button, Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import styles from '../../ui/form.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import type { ApiKey, CreatedKey } from './queries.js';

interface RotateDialogProps {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
  readonly onCreated: (created: CreatedKey) => void;
}

const OVERLAPS = ['0', '60', '1440', '10080'] as const;
type Overlap = (typeof OVERLAPS)[number];

/** A new secret for the same key; the one in use serves on for as long as is chosen here. */
export function RotateDialog({ apiKey, onClose, onCreated }: RotateDialogProps) {
  const queries = useQueryClient();
  const [overlap, setOverlap] = useState<Overlap>('1440');
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const t = text.keys;
  const rotate = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const created = await take(
        api.POST('/api/v1/api-keys/{id}/rotate', {
          params: { path: { id: apiKey.id } },
          body: { overlap_minutes: Number(overlap) },
          headers: { 'idempotency-key': idempotencyKey() },
        }),
      );
      onCreated(created);
      void queries.invalidateQueries({ queryKey: ['keys'] });
      onClose();
    } catch (thrown) {
      setProblem(toProblem(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={t.rotateTitle(apiKey.name)} size={460}>
      <div className={styles.form}>
        <p>{t.rotateBody}</p>
        <Select
          label={t.overlap}
          description={overlap === '0' ? t.overlapNone : t.overlapNote}
          data={OVERLAPS.map((value) => ({ value, label: t.overlaps[value] }))}
          value={overlap}
          onChange={(value) => setOverlap(OVERLAPS.find((known) => known === value) ?? overlap)}
          allowDeselect={false}
          data-autofocus
        />
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button loading={busy} onClick={() => void rotate()}>
            {t.rotate}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

import { Button, Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { pickingStrategy } from '@ecolink/contracts';
import { api, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import styles from '../../ui/form.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import type { Instance } from './queries.js';

/** How the calls of an instance are spread over its pods; it changes while they run. */
export function StrategyDialog({ instance, onClose }: { readonly instance: Instance; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [strategy, setStrategy] = useState(instance.strategy);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const t = text.launch;
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const params = { path: { id: String(instance.id) } };
      await take(api.PATCH('/api/v1/instances/{id}', { params, body: { strategy } }));
      await queries.invalidateQueries({ queryKey: ['instances'] });
      onClose();
    } catch (thrown) {
      setProblem(toProblem(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={t.strategy} size={440}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <Select
          aria-label={t.strategy}
          description={t.strategyNotes[strategy]}
          data={pickingStrategy.options.map((value) => ({ value, label: t.strategies[value] }))}
          value={strategy}
          onChange={(value) => setStrategy(pickingStrategy.options.find((known) => known === value) ?? 'round_robin')}
          data-autofocus
        />
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {text.ui.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {text.ui.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

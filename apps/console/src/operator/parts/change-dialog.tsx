import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { idempotencyKey } from '../../api/client.js';
import { fieldErrors } from '../../api/field-errors.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { operatorText as t } from '../../text/operator.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import styles from './change-dialog.module.css';
import { ChangeField, type Field } from './change-field.js';
import { showAuditEntry } from './show-audit-entry.js';

export type Values = Readonly<Record<string, string>>;

interface ChangeDialogProps {
  readonly title: string;
  /** What follows from it. */
  readonly body?: ReactNode;
  /** Verb and object, on the button that does it. */
  readonly action: string;
  readonly danger?: boolean;
  /** Named as the API's params, so that a refusal stands beside its field. None: the dialog asks at once. */
  readonly fields?: readonly Field[];
  readonly initial?: Values;
  /** What is wrong with a value, by field, before anything is sent. */
  readonly validate?: (values: Values) => Values;
  /** `sendOnce` is the call's `Idempotency-Key`: the same again when no answer came and the same is sent once more. */
  readonly onConfirm: (values: Values, sendOnce: string) => Promise<void>;
  /** After the change, and on leaving unless `onCancel` is given. */
  readonly onClose: () => void;
  readonly onCancel?: () => void;
  /** Of the call, as the audit log writes it. */
  readonly audited: (values: Values) => { readonly method: string; readonly path: string };
  /** First words of the queries that the change makes stale. */
  readonly changes: readonly string[];
}

/** Asks what to change, shows it once more for confirmation, does it, and shows its line of the audit log. */
export function ChangeDialog(props: ChangeDialogProps) {
  const { title, body, action, danger = false, fields = [], initial = {}, onCancel: leave = props.onClose } = props;
  const [values, setValues] = useState<Values>(initial);
  const [errors, setErrors] = useState<Values>({});
  const [isReview, setIsReview] = useState(false);
  const change = useChange(props, values, (refused) => {
    setErrors(refused);
    setIsReview(false);
  });
  const asksFirst = fields.length > 0 && !isReview;
  const next = (): void => {
    if (!asksFirst) return void change.run();
    const wrong = props.validate?.(values) ?? {};
    setErrors(wrong);
    setIsReview(Object.keys(wrong).length === 0);
  };
  return (
    <Dialog onClose={leave} title={title} size={520}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          next();
        }}
      >
        {body !== undefined && <div className={styles.body}>{body}</div>}
        {change.problem !== undefined && <ProblemNotice problem={change.problem} />}
        {asksFirst && (
          <div className={styles.fields}>
            {fields.map((field, index) => (
              <ChangeField
                key={field.name}
                field={field}
                value={values[field.name] ?? ''}
                error={errors[field.name]}
                isFirst={index === 0}
                onChange={(value) => setValues((now) => ({ ...now, [field.name]: value }))}
              />
            ))}
          </div>
        )}
        {isReview && <Review fields={fields} initial={initial} values={values} />}
        <div className={styles.actions}>
          <Button variant="default" onClick={isReview ? () => setIsReview(false) : leave}>
            {isReview ? t.back : text.ui.cancel}
          </Button>
          <Button
            key={asksFirst ? 'review' : 'do'}
            type="submit"
            {...(danger && !asksFirst ? { color: 'red' } : {})}
            loading={change.isBusy}
            data-autofocus={fields.length === 0 || undefined}
            autoFocus={isReview}
          >
            {asksFirst ? t.review : action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function useChange(
  { onConfirm, onClose, audited, changes, fields = [] }: ChangeDialogProps,
  values: Values,
  onRefused: (errors: Values) => void,
) {
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setIsBusy] = useState(false);
  const sent = useRef<{ readonly values: string; readonly key: string }>(undefined);
  const run = async (): Promise<void> => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      const typed = JSON.stringify(values);
      if (sent.current?.values !== typed) sent.current = { values: typed, key: idempotencyKey() };
      await onConfirm(values, sent.current.key);
      onClose();
      for (const noun of changes) void queries.invalidateQueries({ queryKey: [noun] });
      void showAuditEntry(audited(values));
    } catch (thrown) {
      const refusal = toProblem(thrown);
      if (refusal.status >= 400 && refusal.status < 500) sent.current = undefined;
      const errors = fieldErrors(refusal, Object.fromEntries(fields.map(({ name }) => [name, name])));
      if (errors === undefined) setProblem(refusal);
      else onRefused(errors);
      setIsBusy(false);
    }
  };
  return { run, problem, isBusy };
}

function Review({
  fields,
  initial,
  values,
}: {
  readonly fields: readonly Field[];
  readonly initial: Values;
  readonly values: Values;
}) {
  const changed = fields.filter(({ name }) => (values[name] ?? '') !== (initial[name] ?? ''));
  const shown = changed.length === 0 ? fields : changed;
  return (
    <>
      <p>{changed.length === 0 ? t.unchanged : t.reviewed}</p>
      <dl className={styles.review}>
        {shown.map((field) => (
          <Line key={field.name} field={field} from={initial[field.name] ?? ''} to={values[field.name] ?? ''} />
        ))}
      </dl>
    </>
  );
}

function Line({ field, from, to }: { readonly field: Field; readonly from: string; readonly to: string }) {
  const word = (value: string): string => {
    if (value === '') return text.ui.none;
    const chosen = field.options?.find((option) => option.value === value)?.label ?? value;
    return field.kind === 'dollars' ? `$${chosen.replace(/^\$/, '')}` : chosen;
  };
  return (
    <>
      <dt>{field.label}</dt>
      <dd>{from === '' || from === to ? word(to) : t.fromTo(word(from), word(to))}</dd>
    </>
  );
}

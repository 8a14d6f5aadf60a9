import { useState } from 'react';
import { fieldErrors } from '../../api/field-errors.js';
import { type Problem, toProblem } from '../../api/problem.js';

interface Save {
  readonly problem: Problem | undefined;
  readonly busy: boolean;
  readonly saved: boolean;
  /** Runs a change; a refusal of a field goes to `setErrors`, any other becomes `problem`. */
  readonly run: (change: () => Promise<void>) => Promise<void>;
}

/** The course of a form's change: busy, saved, or refused beside the field that `fields` maps the API's `param` to. */
export function useSave(fields: Readonly<Record<string, string>>, setErrors: (errors: Record<string, string>) => void): Save {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const run = async (change: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setSaved(false);
    setProblem(undefined);
    try {
      await change();
      setSaved(true);
    } catch (thrown) {
      const refusal = toProblem(thrown);
      const errors = fieldErrors(refusal, fields);
      if (errors === undefined) setProblem(refusal);
      else setErrors(errors);
    } finally {
      setBusy(false);
    }
  };
  return { problem, busy, saved, run };
}

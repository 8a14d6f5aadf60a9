import { useCallback, useEffect, useRef, useState } from 'react';
import { type Problem, toProblem } from '../../../api/problem.js';
import { type BilledCall, billedCall } from '../call-cost.js';
import { type CallHead, isAbort } from '../call.js';

export interface Ran<Result> {
  readonly result: Result;
  readonly head: CallHead;
  readonly durationMs: number;
}

export interface CallState<Result> {
  readonly busy: boolean;
  readonly ran: Ran<Result> | undefined;
  readonly billed: BilledCall | undefined;
  readonly problem: Problem | undefined;
}

const IDLE = { busy: false, ran: undefined, billed: undefined, problem: undefined };

/** One call at a time: its result, what it took, what the ledger says it cost, or why it was refused. */
export function useCall<Result>() {
  const [state, setState] = useState<CallState<Result>>(IDLE);
  const abort = useRef<AbortController>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const run = useCallback(async (work: (signal: AbortSignal) => Promise<{ result: Result; head: CallHead }>): Promise<void> => {
    const controller = new AbortController();
    abort.current = controller;
    setState((before) => ({ ...before, busy: true, problem: undefined, billed: undefined }));
    const startedAt = performance.now();
    try {
      const { result, head } = await work(controller.signal);
      setState({
        busy: false,
        ran: { result, head, durationMs: performance.now() - startedAt },
        billed: undefined,
        problem: undefined,
      });
      const billed = head.requestId === null ? undefined : await billedCall(head.requestId);
      setState((before) => (before.ran?.head === head ? { ...before, billed } : before));
    } catch (thrown) {
      setState((before) => ({ ...before, busy: false, problem: isAbort(thrown) ? undefined : toProblem(thrown) }));
    }
  }, []);
  const stop = useCallback(() => abort.current?.abort(), []);
  return { ...state, run, stop };
}

import { text } from '../../text/index.js';
import type { DotKind } from '../../ui/state-dot.js';

type State = 'pending' | 'starting' | 'running' | 'stopping' | 'stopped' | 'terminated' | 'failed';

interface Stated {
  readonly state: State;
  readonly degraded: boolean;
}

const DOTS: Readonly<Record<State, DotKind>> = {
  pending: 'starting',
  starting: 'starting',
  running: 'running',
  stopping: 'stopped',
  stopped: 'stopped',
  terminated: 'stopped',
  failed: 'failed',
};

export function dotOf({ state, degraded }: Stated): DotKind {
  return state === 'running' && degraded ? 'degraded' : DOTS[state];
}

export function wordOf({ state, degraded }: Stated): string {
  return state === 'running' && degraded ? text.instances.words.degraded : text.instances.words[state];
}

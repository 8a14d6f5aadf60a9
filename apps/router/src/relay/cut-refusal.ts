import { assertNever, type Refusal } from '@ecolink/contracts';
import type { CutKind } from '../upstream/upstream.js';

/** How a client is told that the answer stopped in its middle. */
export function cutRefusal(why: CutKind): Refusal {
  switch (why) {
    case 'lost':
      return { code: 'upstream_error', message: 'the answer of the model server was cut off' };
    case 'idle':
      return { code: 'upstream_timeout', message: 'the model server stopped in the middle of its answer' };
    case 'overtime':
      return { code: 'upstream_timeout', message: 'the call took longer than a call may' };
    default:
      return assertNever(why);
  }
}

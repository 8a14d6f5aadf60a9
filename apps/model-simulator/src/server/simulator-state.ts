import type { FaultBook } from '../faults/fault-book.js';
import type { Fault } from '../faults/fault.js';
import type { Settings } from '../options/settings.js';
import type { PromptEngine } from '../text/prompt-engine.js';
import type { RequestLog } from './request-log.js';

/** What all requests of one simulator share. */
export interface SimulatorState {
  readonly settings: Settings;
  readonly log: RequestLog;
  readonly faults: FaultBook;
  readonly prompts: PromptEngine;
  /** Loading until `startupMs` is over, draining once it was asked to stop. */
  phase(): 'loading' | 'serving' | 'draining';
  /** Whether new connections are accepted; where not, answers end theirs. */
  accepting(): boolean;
  nextTtftMs(): number;
  setFault(faults: readonly Fault[]): Promise<void>;
}

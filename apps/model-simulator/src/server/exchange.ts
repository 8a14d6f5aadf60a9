import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../faults/fault.js';
import type { Settings } from '../options/settings.js';
import type { PromptEngine } from '../text/prompt-engine.js';
import type { RequestRecord } from './request-log.js';

/** One inference request on its way through the simulator. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As received: not decoded, not normalised. */
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
  readonly faults: readonly Fault[];
  /** Aborts when the connection is gone before the answer is complete, whoever ended it. */
  readonly signal: AbortSignal;
  readonly record: RequestRecord;
  readonly settings: Settings;
  readonly ttftMs: number;
  readonly prompts: PromptEngine;
}

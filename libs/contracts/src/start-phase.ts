import { z } from 'zod';
import { openObject } from './open-object.js';

/** How far the start of a pod has come, in order. */
export const START_PHASES = ['scheduled', 'pulling', 'downloading', 'loading', 'warming', 'ready'] as const;
export const startPhase = z.enum(START_PHASES);
export type StartPhase = z.infer<typeof startPhase>;

/** Where a pod stands in its start, as its gateway sees it. */
export const podStart = openObject({
  phase: startPhase,
  since: z.iso.datetime(),
  limit_seconds: z.number().positive().optional().describe('How long the phase may take; absent: the usual limit.'),
  done_bytes: z.number().min(0).optional(),
  total_bytes: z.number().min(0).optional().describe('Absent where it is not known.'),
});
export type PodStart = z.infer<typeof podStart>;

/** Whether `phase` comes after `other`. */
export function isLaterPhase(phase: StartPhase, other: StartPhase): boolean {
  return START_PHASES.indexOf(phase) > START_PHASES.indexOf(other);
}

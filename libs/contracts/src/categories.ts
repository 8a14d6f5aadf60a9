import { z } from 'zod';

export const CATEGORIES = ['chat', 'embedding', 'reranker', 'image', 'audio', 'video'] as const;
export const category = z.enum(CATEGORIES);
export type Category = z.infer<typeof category>;

export const INSTANCE_STATES = ['pending', 'starting', 'running', 'stopping', 'stopped', 'terminated', 'failed'] as const;
export const instanceState = z.enum(INSTANCE_STATES);
export type InstanceState = z.infer<typeof instanceState>;

export const desiredState = z.enum(['running', 'stopped', 'terminated']);
export type DesiredState = z.infer<typeof desiredState>;

export const terminationReason = z.enum(['user_request', 'credit_depleted', 'failed', 'admin']);
export type TerminationReason = z.infer<typeof terminationReason>;

export const podState = z.enum(['pending', 'starting', 'ready', 'draining', 'stopped', 'failed']);
export type PodState = z.infer<typeof podState>;

export const regionState = z.enum(['active', 'draining', 'disabled']);
export type RegionState = z.infer<typeof regionState>;

/** How a region's pods share an instance's calls. */
export const pickingStrategy = z.enum(['round_robin', 'least_outstanding', 'prefix', 'session']);
export type PickingStrategy = z.infer<typeof pickingStrategy>;

export const drivers = z.enum(['external', 'process', 'kubernetes', 'simulated']);
export type Driver = z.infer<typeof drivers>;

/** Of a platform model. A `deprecated` one is served as an `active` one, and shown as what it is; a `disabled` one is 404. */
export const platformModelStatus = z.enum(['active', 'deprecated', 'disabled']);
export type PlatformModelStatus = z.infer<typeof platformModelStatus>;

import type { InstanceHealth } from '@ecolink/contracts';

export type HealthPod = InstanceHealth['pods'][number];

/** All pods of each instance, sorted, by instance id. */
export type HealthByInstance = ReadonlyMap<number, readonly HealthPod[]>;

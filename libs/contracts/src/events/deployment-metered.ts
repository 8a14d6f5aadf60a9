import { z } from 'zod';
import { openObject } from '../open-object.js';

/**
 * `ecolink.deployment.metered.v1`: ready time of running instances on GPUs of which nothing else has changed. Key: `region`. What is new of an
 * instance besides travels in `ecolink.instance.changed.v1`, with the same figures as of then; of two the larger one holds.
 */
export const deploymentMetered = openObject({
  region: z.string(),
  deployments: z.array(
    openObject({
      instance_id: z.int().min(1),
      ready_replica_seconds: z.number().min(0).describe('Cumulative, so that a lost message costs nothing.'),
    }),
  ),
});
export type DeploymentMetered = z.infer<typeof deploymentMetered>;

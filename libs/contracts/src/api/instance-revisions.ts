import { z } from 'zod';
import { pickingStrategy } from '../categories.js';
import { customApiPath, healthPath, launchGpu } from './instances.js';
import { listByNumber } from './list.js';

const { args, env, gpu_count: gpuCount, gpu_type: gpuType, image, name, replicas } = launchGpu.shape;

/**
 * `PATCH /api/v1/instances/{id}`: what is named becomes so, and the whole is the next revision. `env` replaces all variables.
 * What pods are started with is refused with 409 while the instance is to run on a driver that cannot roll.
 */
export const updateInstance = z
  .strictObject({
    name,
    image: image.optional(),
    args: args.unwrap().optional(),
    env: env.unwrap().nullable().optional(),
    gpu_type: gpuType.optional(),
    gpu_count: gpuCount.optional(),
    custom_api_path: customApiPath.nullable().optional(),
    health_path: healthPath.nullable().optional(),
    inject_stream_usage: z.boolean().optional(),
    strategy: pickingStrategy.optional(),
    replicas: replicas.unwrap().optional(),
    /** Refused where another change came first. */
    expected_revision: z.int().min(1).optional(),
  })
  .refine(({ expected_revision: _expected, ...changes }) => Object.keys(changes).length > 0, 'must name something to change');
export type UpdateInstance = z.infer<typeof updateInstance>;

/** What an instance is made of; of the environment only the names. */
export const instanceDefinition = z.object({
  name: z.string(),
  image: z.string().nullable(),
  args: z.array(z.string()),
  env_names: z.array(z.string()),
  gpu_type: z.string().nullable(),
  gpu_count: z.int().nullable(),
  custom_api_path: z.string().nullable(),
  health_path: z.string().nullable(),
  inject_stream_usage: z.boolean(),
  strategy: pickingStrategy.default('round_robin'),
  replicas: z.record(z.string(), z.int()),
});
export type InstanceDefinition = z.infer<typeof instanceDefinition>;

/** `created_by`: the user or key whose call it was; null for what no call made. */
export const instanceRevision = z.object({
  id: z.int().min(1).describe('The number of the revision.'),
  definition: instanceDefinition,
  created_by: z.string().nullable(),
  created_at: z.iso.datetime(),
});
export type InstanceRevisionView = z.infer<typeof instanceRevision>;

export const instanceRevisionList = listByNumber(instanceRevision);

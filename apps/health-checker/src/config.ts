import { readEnvironment, SERVICE_VARIABLES } from '@ecolink/runtime';
import { z } from 'zod';

/** Every name that the health checker reads from its environment. */
const environment = z.object({
  ...SERVICE_VARIABLES,
  DATABASE_URL: z.string().min(1),
  ECOLINK_REGISTRY_URL: z.url(),
});

/** Reads the environment; a missing or wrong value stops the start with its name. */
export function readConfig(variables: NodeJS.ProcessEnv) {
  const read = readEnvironment(environment, variables);
  return {
    host: read.ECOLINK_HOST,
    port: read.ECOLINK_PORT,
    registryUrl: read.ECOLINK_REGISTRY_URL,
    internalSecret: read.ECOLINK_INTERNAL_SECRET,
    databaseUrl: read.DATABASE_URL,
    kafkaBrokers: read.KAFKA_BROKERS,
  };
}

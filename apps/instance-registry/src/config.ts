import { commaList, OWNER_VARIABLES, readEnvironment } from '@ecolink/runtime';
import { z } from 'zod';

const environment = z.object({
  ...OWNER_VARIABLES,
  ECOLINK_AUTH_BILLING_URL: z.url(),
  ECOLINK_POD_NETWORKS: commaList,
  ECOLINK_OWN_PORTS: commaList.transform((parts) => parts.map(Number)).pipe(z.array(z.int().min(1).max(65_535))),
  /** `1`: `test-pod` tells how a connection failed. */
  ECOLINK_TEST_POD_DETAILS: z.enum(['0', '1']).default('0'),
  ECOLINK_ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 32 bytes in hexadecimal, e.g. of: openssl rand -hex 32')
    .transform((text) => Buffer.from(text, 'hex')),
});

/** Reads the environment; a missing or wrong value stops the start with its name. */
export function readConfig(variables: NodeJS.ProcessEnv) {
  const read = readEnvironment(environment, variables);
  return {
    host: read.ECOLINK_HOST,
    port: read.ECOLINK_PORT,
    databaseUrl: read.DATABASE_URL,
    kafkaBrokers: read.KAFKA_BROKERS,
    internalSecret: read.ECOLINK_INTERNAL_SECRET,
    adminTokens: read.ECOLINK_ADMIN_TOKENS,
    authBillingUrl: read.ECOLINK_AUTH_BILLING_URL,
    podNetworks: read.ECOLINK_POD_NETWORKS,
    ownPorts: read.ECOLINK_OWN_PORTS,
    testPodDetails: read.ECOLINK_TEST_POD_DETAILS === '1',
    encryptionKey: read.ECOLINK_ENCRYPTION_KEY,
  };
}

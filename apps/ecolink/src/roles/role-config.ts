import { z } from 'zod';

/** What a child process is told, as one line of JSON on its standard input: secrets show neither in its arguments nor in its environment. */
export const routerRoleConfig = z.object({
  role: z.literal('router'),
  logFile: z.string(),
  databaseUrl: z.string(),
  routerId: z.string(),
  host: z.string(),
  port: z.int(),
  adminHost: z.string(),
  adminPort: z.int(),
  dataDirectory: z.string(),
  internalSecret: z.string(),
  authBillingUrl: z.string(),
  instanceRegistryUrl: z.string(),
  healthCheckerUrl: z.string(),
});
export type RouterRoleConfig = z.infer<typeof routerRoleConfig>;

export const gatewaysRoleConfig = z.object({
  role: z.literal('gateways'),
  logFile: z.string(),
  databaseUrl: z.string(),
  internalSecret: z.string(),
  registryUrl: z.string(),
  gateways: z.array(z.object({ region: z.string(), port: z.int() })),
  podNetworks: z.array(z.string()),
  ownPorts: z.array(z.int()),
  simulatorMain: z.string(),
  /** Where drivers keep what outlives the process. */
  dataDirectory: z.string(),
});
export type GatewaysRoleConfig = z.infer<typeof gatewaysRoleConfig>;

export const roleConfig = z.discriminatedUnion('role', [routerRoleConfig, gatewaysRoleConfig]);
export type RoleConfig = z.infer<typeof roleConfig>;

import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { parsePodNetworks, type PodAddressPolicy, POD_NETWORKS_VARIABLE } from '@ecolink/contracts';
import { commaList, readEnvironment, SERVICE_VARIABLES } from '@ecolink/runtime';
import { z } from 'zod';
import type { CallLimits } from './data-plane/call-limits.js';
import type { DriverConfig, SimulatedDriverOptions } from './drivers/driver-config.js';

const seconds = z.coerce.number().int().min(0).max(86_400);

const ROUTER_LEAD_MS = 10_000;

/** Limits of a call, the same names as the routers' own. */
const limitVariables = {
  ECOLINK_FIRST_BYTE_TIMEOUT_SECONDS: seconds.default(600),
  ECOLINK_IDLE_TIMEOUT_SECONDS: seconds.default(120),
  ECOLINK_TOTAL_TIMEOUT_SECONDS: seconds.default(3_600),
};

/** Opens the simulated pods' control port on loopback, where one pod can be killed; closed by default. */
const simulatorVariables = { ECOLINK_SIMULATOR_CONTROL_PORT: z.coerce.number().int().min(1).max(65_535).optional() };

/** Every name that a region gateway reads from its environment. */
const environment = z.object({
  ...SERVICE_VARIABLES,
  ECOLINK_REGION: z.string().min(1),
  ECOLINK_REGISTRY_URL: z.url(),
  [POD_NETWORKS_VARIABLE]: commaList,
  /** Ports of this product on this host, separated by commas. */
  ECOLINK_OWN_PORTS: commaList.transform((parts) => parts.map(Number)).pipe(z.array(z.int().min(1).max(65_535))),
  /** Compiled main of the model simulator; without it simulated deployments fail visibly. */
  ECOLINK_SIMULATOR_MAIN: z.string().optional(),
  ...simulatorVariables,
  /** Where driver `process` keeps records and logs of its pods; without it, such deployments fail visibly. */
  ECOLINK_DATA_DIR: z.string().min(1).optional(),
  ...limitVariables,
  DATABASE_URL: z.string().optional(),
});

/** Reads the environment; a missing or wrong value stops the start with its name. */
export function readConfig(variables: NodeJS.ProcessEnv) {
  const read = readEnvironment(environment, variables);
  const simulatorMain = read.ECOLINK_SIMULATOR_MAIN;
  const dataDirectory = read.ECOLINK_DATA_DIR;
  const driverConfig: DriverConfig = {
    external: { addressPolicy: policyOf(read[POD_NETWORKS_VARIABLE], read.ECOLINK_OWN_PORTS) },
    ...(simulatorMain === undefined ? {} : { simulated: simulatedOf(simulatorMain, read) }),
    ...(dataDirectory === undefined ? {} : { process: { directory: path.join(dataDirectory, 'pods', read.ECOLINK_REGION) } }),
  };
  return {
    host: read.ECOLINK_HOST,
    port: read.ECOLINK_PORT,
    region: read.ECOLINK_REGION,
    registryUrl: read.ECOLINK_REGISTRY_URL,
    internalSecret: read.ECOLINK_INTERNAL_SECRET,
    databaseUrl: read.DATABASE_URL,
    kafkaBrokers: read.KAFKA_BROKERS,
    driverConfig,
    callLimits: callLimitsOf(read),
  };
}

/** Only the limits, for gateways that are told the rest in another way. */
export function readCallLimits(variables: NodeJS.ProcessEnv): CallLimits {
  return callLimitsOf(readEnvironment(z.object(limitVariables), variables));
}

/** How simulated pods are run, for gateways that are told the rest in another way. */
export function readSimulatedOptions(simulatorMain: string, variables: NodeJS.ProcessEnv): SimulatedDriverOptions {
  return simulatedOf(simulatorMain, readEnvironment(z.object(simulatorVariables), variables));
}

function simulatedOf(simulatorMain: string, read: z.output<z.ZodObject<typeof simulatorVariables>>): SimulatedDriverOptions {
  const controlPort = read.ECOLINK_SIMULATOR_CONTROL_PORT;
  return controlPort === undefined ? { simulatorMain } : { simulatorMain, controlPort };
}

function callLimitsOf(read: z.output<z.ZodObject<typeof limitVariables>>): CallLimits {
  return {
    firstByteTimeoutMs: read.ECOLINK_FIRST_BYTE_TIMEOUT_SECONDS * 1_000,
    idleTimeoutMs: behindTheRouters(read.ECOLINK_IDLE_TIMEOUT_SECONDS * 1_000),
    totalTimeoutMs: behindTheRouters(read.ECOLINK_TOTAL_TIMEOUT_SECONDS * 1_000),
  };
}

/** Past an answer's first byte the router's own limit is to come first: only it can tell the client inside the answer. */
function behindTheRouters(limitMs: number): number {
  return limitMs === 0 ? 0 : limitMs + ROUTER_LEAD_MS;
}

function policyOf(networks: readonly string[], ownPorts: readonly number[]): PodAddressPolicy {
  return { networks: parsePodNetworks(networks), ownPorts: new Set(ownPorts), ownAddresses: ownAddresses() };
}

/** Addresses of this host; loopback is known to be our own anyway. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
}

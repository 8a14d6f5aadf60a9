import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { freePort } from '../ports.js';
import { writeWhole } from '../supervise/secrets.js';
import type { ClusterOptions } from './cluster-options.js';

const portsFile = z.object({
  host: z.string(),
  port: z.int(),
  admin_port: z.int(),
  routers: z.int(),
  brokers: z.union([z.literal(1), z.literal(3)]),
  services: z.record(z.string(), z.int()),
});

/** What a cluster keeps of its own shape between commands: sizes, and a port for each listener that stays the same. */
export type ClusterShape = z.infer<typeof portsFile>;

const FILE = 'shape.json';

export const REGION_CODES = ['mv', 'ga'] as const;

export async function readShape(dataDirectory: string): Promise<ClusterShape | undefined> {
  const text = await readFile(path.join(dataDirectory, FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : portsFile.parse(JSON.parse(text));
}

/** The shape that `up` asks for; ports that an earlier one chose stay as they are. */
export async function chooseShape(options: ClusterOptions): Promise<ClusterShape> {
  const earlier = await readShape(options.dataDirectory);
  const services: Record<string, number> = {};
  for (const name of listenerNames(options.routers)) services[name] = earlier?.services[name] ?? (await freePort());
  const shape: ClusterShape = {
    host: options.host,
    port: options.port === 0 ? (earlier?.port ?? (await freePort(options.host))) : options.port,
    admin_port: options.adminPort === 0 ? (earlier?.admin_port ?? (await freePort(options.host))) : options.adminPort,
    routers: options.routers,
    brokers: options.brokers,
    services,
  };
  await writeWhole(path.join(options.dataDirectory, FILE), JSON.stringify(shape, null, 2));
  return shape;
}

export function routerNames(routers: number): string[] {
  return Array.from({ length: routers }, (_unused, index) => `router-${index + 1}`);
}

function listenerNames(routers: number): string[] {
  const gateways = REGION_CODES.map((region) => `gateway-${region}`);
  return [
    'auth-billing',
    'instance-registry',
    'health-checker',
    ...gateways,
    ...routerNames(routers).flatMap((name) => [name, `${name}-admin`]),
  ];
}

export function portOf(shape: ClusterShape, name: string): number {
  const port = shape.services[name];
  if (port === undefined) throw new Error(`the cluster has no port for ${name}`);
  return port;
}

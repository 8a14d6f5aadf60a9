import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { assertNever, parsePodNetworks } from '@ecolink/contracts';
import { createBus, type EventBus } from '@ecolink/messaging';
import { createLogger, openRotatingLog } from '@ecolink/runtime';
import { type GatewaysRoleConfig, type RoleConfig, roleConfig, type RouterRoleConfig } from './role-config.js';

interface Closable {
  close(): Promise<void>;
}

const FORCED_EXIT_MS = 130_000;
/** The router has drained before the gateways are asked to end. */
const GATEWAY_CLOSE_MAX_MS = 5_000;

/**
 * Runs one part of the product as a child of `npm start`: the configuration comes on standard input, which then stays
 * open. When it closes the parent is gone, and so is this process, at once; SIGTERM ends it with its calls drained.
 */
export async function runRole(): Promise<void> {
  // A terminal's Ctrl-C reaches every process of the group; the parent decides who ends when.
  process.on('SIGINT', () => undefined);
  // Its code is loaded while the parent still makes ready what the configuration says. What fails here fails again in its place.
  void (process.argv[3] === 'router' ? import('@ecolink/router') : import('@ecolink/region-gateway')).catch(() => undefined);
  const config = roleConfig.parse(JSON.parse(await readFirstLine()));
  if (process.env['LOG_FILE'] === undefined) await openRotatingLog({ file: config.logFile });
  const logger = createLogger(config.role);
  const bus = createBus({ clientId: config.role, databaseUrl: config.databaseUrl });
  const parts = await start(config, bus);
  process.on('SIGTERM', () => {
    setTimeout(() => process.exit(1), FORCED_EXIT_MS).unref();
    void closeAll([...parts, bus]).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ event: 'shutdown.failed', err: error });
        process.exit(1);
      },
    );
  });
  process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
}

async function closeAll(parts: readonly Closable[]): Promise<void> {
  for (const part of parts) await part.close();
}

function readFirstLine(): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: process.stdin });
    lines.once('line', resolve);
    lines.once('close', () => {
      reject(new Error('the parent closed its pipe'));
      process.exit(1);
    });
  });
}

function start(config: RoleConfig, bus: EventBus): Promise<Closable[]> {
  switch (config.role) {
    case 'router':
      return startRouterRole(config, bus);
    case 'gateways':
      return startGatewaysRole(config, bus);
    default:
      return assertNever(config);
  }
}

async function startRouterRole(config: RouterRoleConfig, bus: EventBus): Promise<Closable[]> {
  const { readRouterLimits, readTrustedProxies, startRouter } = await import('@ecolink/router');
  const told = { limits: readRouterLimits(process.env), trustedProxies: readTrustedProxies(process.env) };
  return [await startRouter({ ...config, ...told }, bus)];
}

async function startGatewaysRole(config: GatewaysRoleConfig, bus: EventBus): Promise<Closable[]> {
  const { readCallLimits, readSimulatedOptions, startRegionGateway } = await import('@ecolink/region-gateway');
  const ownAddresses = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map((address) => address.address),
  );
  const addressPolicy = { networks: parsePodNetworks(config.podNetworks), ownPorts: new Set(config.ownPorts), ownAddresses };
  return Promise.all(
    config.gateways.map((gateway) =>
      startRegionGateway({
        host: '127.0.0.1',
        port: gateway.port,
        region: gateway.region,
        bus,
        internalSecret: config.internalSecret,
        registryUrl: config.registryUrl,
        driverConfig: {
          external: { addressPolicy },
          simulated: readSimulatedOptions(config.simulatorMain, process.env),
          process: { directory: path.join(config.dataDirectory, 'pods', gateway.region) },
        },
        callLimits: readCallLimits(process.env),
        closeMaxMs: GATEWAY_CLOSE_MAX_MS,
      }),
    ),
  );
}

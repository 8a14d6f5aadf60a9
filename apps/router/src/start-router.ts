import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { EventBus } from '@ecolink/messaging';
import { BusStrategy } from '@ecolink/messaging';
import {
  createGatheringLogger,
  tuneEngineForCalls,
  DRAIN_TIMEOUT_MS,
  DrainingServer,
  Readiness,
  type RunningService,
  startService,
} from '@ecolink/service-kit';
import { createSharedTotals, type SharedTotals } from '@ecolink/shared-state';
import type { DynamicModule } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { RouterConfig } from './config.js';
import { Upstreams } from './forward/upstream.js';
import type { DataPlane } from './handle/data-plane.js';
import { operatorListener, publicListener } from './handle/dispatch.js';
import { OpenApiController } from './http/open-api.controller.js';
import { BodyBudget } from './http/body-budget.js';
import { answerMalformed } from './http/malformed-request.js';
import { OrphanedJournals } from './journal/orphaned-journals.js';
import { UsagePublisher } from './journal/publish-usage.js';
import { UsageJournal } from './journal/usage-journal.js';
import { SlidingWindowLimiter } from './limits/sliding-window.js';
import { UsageJson } from './metering/usage-json.js';
import { RouterMetrics } from './observe/metrics.js';
import { CandidatePicker } from './routing/candidates.js';
import { RouterState } from './state/router-state.js';
import { StateConsumer } from './state/state.consumer.js';

export interface RunningRouter extends RunningService {
  readonly adminUrl: string;
}

export interface RouterOptions {
  /** Where others share the port: how the metrics of all of them are told, given this router's own. */
  readonly metricsOf?: (registries: Registry[]) => () => Promise<string>;
}

const HEADERS_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const HEADER_BYTES_MAX = 64 * 1_024;

/** Starts one router: state, journal, public listener, operators' listener. A start that fails leaves nothing behind. */
export async function startRouter(config: RouterConfig, bus: EventBus, options: RouterOptions = {}): Promise<RunningRouter> {
  tuneEngineForCalls();
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const router = await open(config, bus, opened, options);
    return { ...router, close: closeAll };
  } catch (error) {
    await closeAll().catch(() => undefined);
    throw error;
  }
}

/** What is opened is noted with how to close it, in this order; it is closed in reverse. */
async function open(
  config: RouterConfig,
  bus: EventBus,
  opened: (() => Promise<void>)[],
  options: RouterOptions,
): Promise<Omit<RunningRouter, 'close'>> {
  const { logger, writeFields } = createGatheringLogger('router');
  const usageSource = `router/${config.routerId}`;
  const journals = config.journalDirectory ?? path.join(config.dataDirectory, 'journal');
  const journal = new UsageJournal({
    directory: path.join(journals, config.routerId),
    quotaBytes: config.limits.journalQuotaBytes,
  });
  const publisher = new UsagePublisher(journal, bus, logger);
  opened.push(() => publisher.stop());
  const orphans = new OrphanedJournals({ directory: journals, ownId: config.routerId, bus, logger });
  opened.push(() => orphans.stop());
  const shared = createSharedTotals({ participant: config.routerId, redisUrl: config.redisUrl });
  const state = new RouterState(config, usageSource, logger, shared);
  const plane = createPlane(config, {
    state,
    journal,
    logger,
    logCall: (fields) => writeFields('call.ended', fields),
    usageSource,
    usageJson: new UsageJson(),
    shared,
    options,
  });
  opened.push(
    () => shared.stop(),
    () => state.stop(),
    () => plane.upstreams.close(),
  );
  const readiness = new Readiness();
  state.registerReadiness(readiness);
  readiness.registerDegraded('usage', () => publisher.degradation());
  readiness.registerDegraded('shared state', () => shared.degradation());

  await Promise.all([state.start(), shared.start()]);
  for (const record of journal.readWaiting()) {
    state.account(record.event.account_id)?.addPending(record.event.journal_position, record.costNanoUsd);
  }
  publisher.start();
  orphans.start();
  const service = await startService({
    name: 'router',
    module: routerModule(state),
    host: config.host,
    port: config.port,
    readiness,
    strategies: [new BusStrategy(bus, { group: usageSource, deadLetters: { store: () => Promise.resolve() } })],
    servesWithoutEvents: true,
    requestListener: publicListener(plane, config),
    configureServer,
  });
  const admin = await listenForOperators(config, plane).catch(async (error: unknown) => {
    await service.close();
    throw error;
  });
  // Together, and first: calls of both listeners drain while everything below still works.
  opened.push(async () => {
    await Promise.all([service.close(), admin.draining.drain(DRAIN_TIMEOUT_MS)]);
  });
  return { ...service, adminUrl: admin.url };
}

interface PlaneParts extends Pick<DataPlane, 'state' | 'journal' | 'logger' | 'logCall' | 'usageSource' | 'usageJson'> {
  readonly shared: SharedTotals;
  readonly options: RouterOptions;
}

function createPlane(config: RouterConfig, { shared, options, ...parts }: PlaneParts): DataPlane {
  const { limits, internalSecret } = config;
  const bodies = new BodyBudget(limits.bodiesBytesMax);
  const limiter = new SlidingWindowLimiter(shared);
  const metrics = new RouterMetrics({ state: parts.state, journal: parts.journal, bodies, limiter, shared });
  return {
    ...parts,
    bodies,
    limits,
    internalSecret,
    limiter,
    candidates: new CandidatePicker(parts.state, limits.callsPerInstanceMax),
    upstreams: new Upstreams({ ...limits, connectionsMax: limits.connectionsPerGatewayMax }),
    metrics,
    metricsText: options.metricsOf?.(metrics.registries) ?? (() => metrics.text()),
  };
}

function routerModule(state: RouterState): DynamicModule {
  return {
    module: class RouterModule {},
    controllers: [OpenApiController, StateConsumer],
    providers: [{ provide: RouterState, useValue: state }],
  };
}

/** Slow heads are cut; bodies and answers may take as long as their own limits say. */
function configureServer(server: Server): void {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.on('clientError', answerMalformed);
}

async function listenForOperators(config: RouterConfig, plane: DataPlane): Promise<{ draining: DrainingServer; url: string }> {
  const server = createServer({ noDelay: true, maxHeaderSize: HEADER_BYTES_MAX }, operatorListener(plane, config));
  configureServer(server);
  const draining = new DrainingServer(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.adminPort, config.adminHost, resolve);
  });
  return { draining, url: `http://${config.adminHost}:${(server.address() as AddressInfo).port}` };
}

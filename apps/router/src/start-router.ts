import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { EventBus } from '@ecolink/messaging';
import { BusStrategy } from '@ecolink/messaging';
import { DrainingServer, FairTurns, tuneEngineForCalls } from '@ecolink/proxy';
import { createGatheringLogger } from '@ecolink/runtime';
import { DRAIN_TIMEOUT_MS, Readiness, type RunningService, startService } from '@ecolink/service-kit';
import { createSharedTotals, type SharedTotals } from '@ecolink/shared-state';
import type { DynamicModule } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { RouterConfig } from './config.js';
import { Upstreams } from './upstream/upstream.js';
import type { RouterContext } from './call/router-context.js';
import { clientAddress } from './listen/client-address.js';
import { operatorListener, publicListener } from './listen/dispatch.js';
import { OpenApiController } from './listen/open-api.controller.js';
import { VideoJobs } from './apis/video/video-jobs.js';
import { BodyBudget } from './listen/body-budget.js';
import { continueWhenRead } from './listen/continue-when-read.js';
import { answerMalformed } from './listen/malformed-request.js';
import { refuseConnect } from './listen/refuse-upgrade.js';
import { StalledClients } from './listen/stalled-clients.js';
import { OrphanedJournals } from './settlement/journal/orphaned-journals.js';
import { UsagePublisher } from './settlement/journal/publish-usage.js';
import { UsageJournal } from './settlement/journal/usage-journal.js';
import { AccountCalls } from './admission/account-calls.js';
import { RefusalLog } from './settlement/refusal-log.js';
import { ConcurrencyLimiter } from './admission/concurrency-limiter.js';
import { TokenLimiter } from './admission/token-limiter.js';
import { SlidingWindowLimiter } from './admission/sliding-window.js';
import { UsageJson } from './settlement/usage-json.js';
import { RouterMetrics } from './observe/metrics.js';
import { LargeBodies } from './apis/body/large-bodies.js';
import { PlatformSlots } from './routing/platform-slots.js';
import { CandidatePicker } from './routing/candidates.js';
import { replayPending } from './state/replay-pending.js';
import { RouterState } from './state/router-state.js';
import { StateConsumer } from './state/state.consumer.js';

export interface RunningRouter extends RunningService {
  readonly adminUrl: string;
}

export interface RouterOptions {
  /** Where others share the port: how the metrics of all of them are told, given this router's own. */
  readonly metricsOf?: (registries: Registry[]) => () => Promise<string>;
}

/** About half a millisecond for an account and one for all of them, so that nobody's next tick is far away. */
const TURN_UNITS = { unitsPerHolder: 500, unitsInAll: 1_000 };

/** Records of some four thousand calls that are under way when the disk is full. */
const JOURNAL_SPARE_BYTES = 4 * 1_048_576;
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
    spareBytes: JOURNAL_SPARE_BYTES,
    onDiskChange: (failure) =>
      failure === undefined
        ? logger.info({ event: 'journal.written_again' })
        : logger.error({ event: 'journal.not_written', err: failure }),
    onLost: ({ event: usage, costNanoUsd }) =>
      logger.error({ event: 'usage.not_recorded', usage, cost_nano_usd: costNanoUsd.toString() }),
  });
  const publisher = new UsagePublisher(journal, bus, logger);
  opened.push(() => publisher.stop());
  const orphans = new OrphanedJournals({ directory: journals, ownId: config.routerId, bus, logger });
  opened.push(() => orphans.stop());
  const refusals = new RefusalLog(bus, usageSource, logger);
  opened.push(() => refusals.stop());
  const shared = createSharedTotals({ participant: config.routerId, redisUrl: config.redisUrl });
  const state = new RouterState(config, usageSource, logger, shared);
  const plane = createPlane(config, {
    state,
    journal,
    refusals,
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
    () => plane.largeBodies.close(),
  );
  const stalled = new StalledClients(config.limits.clientStallTimeoutMs, () => plane.metrics.observeRefusal('client_stalled'));
  opened.push(() => Promise.resolve(stalled.stop()));
  const readiness = new Readiness();
  state.registerReadiness(readiness);
  readiness.registerDegraded('journal', () => journal.degradation());
  readiness.registerDegraded('usage', () => publisher.degradation());
  readiness.registerDegraded('shared state', () => shared.degradation());

  await Promise.all([state.start(), shared.start()]);
  replayPending(state, journal.readWaiting());
  publisher.start();
  refusals.start();
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
    configureServer: (server) => configureServer(server, stalled),
  });
  const admin = await listenForOperators(config, plane, stalled).catch(async (error: unknown) => {
    await service.close();
    throw error;
  });
  // Together, and first: calls of both listeners drain while everything below still works.
  opened.push(async () => {
    await Promise.all([service.close(), admin.draining.drain(DRAIN_TIMEOUT_MS)]);
  });
  return { ...service, adminUrl: admin.url };
}

interface PlaneParts extends Pick<
  RouterContext,
  'state' | 'journal' | 'refusals' | 'logger' | 'logCall' | 'usageSource' | 'usageJson'
> {
  readonly shared: SharedTotals;
  readonly options: RouterOptions;
}

function createPlane(config: RouterConfig, { shared, options, ...parts }: PlaneParts): RouterContext {
  const { limits, internalSecret } = config;
  const bodies = new BodyBudget(limits.bodiesBytesMax);
  const limiter = new SlidingWindowLimiter(shared);
  const metrics = new RouterMetrics({ state: parts.state, journal: parts.journal, bodies, limiter, shared });
  return {
    ...parts,
    bodies,
    largeBodies: new LargeBodies(new URL('./apis/body/body-worker.js', import.meta.url)),
    videos: new VideoJobs(internalSecret, shared),
    turns: new FairTurns(TURN_UNITS),
    calls: new AccountCalls(limits.callsPerAccountMax),
    slots: new PlatformSlots(shared),
    limits,
    addressOf: (request) => clientAddress(request, config.trustedProxies ?? []),
    internalSecret,
    limiter,
    concurrency: new ConcurrencyLimiter(shared),
    tokens: new TokenLimiter(shared),
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
function configureServer(server: Server, stalled: StalledClients): void {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.on('clientError', answerMalformed);
  server.on('connect', refuseConnect);
  continueWhenRead(server);
  stalled.watch(server);
}

async function listenForOperators(
  config: RouterConfig,
  plane: RouterContext,
  stalled: StalledClients,
): Promise<{ draining: DrainingServer; url: string }> {
  const server = createServer({ noDelay: true, maxHeaderSize: HEADER_BYTES_MAX }, operatorListener(plane, config));
  configureServer(server, stalled);
  const draining = new DrainingServer(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.adminPort, config.adminHost, resolve);
  });
  return { draining, url: `http://${config.adminHost}:${(server.address() as AddressInfo).port}` };
}

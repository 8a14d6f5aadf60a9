import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HEADER, newId } from '@ecolink/contracts';
import { BusErrorFilter, type BusStrategy } from '@ecolink/messaging';
import { type DynamicModule, Global, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CustomTransportStrategy, NestMicroservice } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DrainingServer } from '@ecolink/proxy';
import { refuseControlCharacters } from './http/control-characters.js';
import { ErrorFilter, sendRefusal } from './http/error-filter.js';
import { jsonBodyParser } from './http/json-body.js';
import { HealthController } from './http/health.controller.js';
import { ServiceRequest, withFullHeaders } from '@ecolink/proxy';
import { createLogger, type Logger } from '@ecolink/runtime';
import { NestLogger } from './observe/nest-logger.js';
import { registerConsumerMetrics, registerProcessMetrics } from './observe/process-metrics.js';
import { Readiness } from './observe/readiness.js';

/** Returns true when it takes the request; anything else goes on to Nest. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The bus as Nest's transport, which says why no events come yet. */
export type EventStrategy = CustomTransportStrategy & Pick<BusStrategy, 'waitingFor' | 'progress'>;

export interface ServiceOptions {
  readonly name: string;
  readonly module: Type | DynamicModule;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly readiness?: Readiness;
  /** Connects `@EventPattern` handlers to the bus. */
  readonly strategies?: readonly EventStrategy[];
  /** The service serves without events, on older state, and is ready while it waits for the bus. */
  readonly servesWithoutEvents?: boolean;
  /** Data planes take their requests here, before Fastify sees them. */
  readonly requestListener?: RequestListener;
  /** Has the last word on the HTTP server's limits. */
  readonly configureServer?: (server: Server) => void;
  /** Keeps bodies as they came beside what was parsed, for messages that are signed. */
  readonly keepsRawBody?: boolean;
  /** Management bodies are small. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
}

export interface RunningService {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly app: INestApplication;
  readonly readiness: Readiness;
  /** Stops accepting, lets calls in flight end, then runs the modules' shutdown hooks. Safe to call twice. */
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 1_048_576;
/** How long calls in flight may take to end when the service stops. */
export const DRAIN_TIMEOUT_MS = 120_000;
const PATH_SEGMENT_LENGTH_MAX = 2_048;
/**
 * Connections that the kernel keeps until they are accepted. When one client opens a thousand at once and the queue is full, everybody
 * else's wait for seconds until they are tried again; Node's default is 511. The kernel's own bound (`somaxconn`) counts, too.
 */
const LISTEN_BACKLOG = 4_096;
const REQUEST_ID_PATTERN = /^[A-Za-z0-9._-]{8,128}$/;

@Global()
@Module({})
class ServiceModule {}

/** Boots one Nest service on Fastify with what all of them share: error shape, request ids, health, metrics, event handlers. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const logger = createLogger(options.name);
  const readiness = options.readiness ?? new Readiness();
  const { app, draining } = await createApp(options, logger, readiness);
  registerProcessMetrics();
  registerConsumerMetrics(options.name, options.strategies ?? []);
  for (const strategy of options.strategies ?? []) {
    if (options.servesWithoutEvents === true) readiness.registerDegraded('bus', () => strategy.waitingFor());
    else readiness.register('bus', () => strategy.waitingFor());
    const consumer = app.connectMicroservice({ strategy }, { inheritAppConfig: false, deferInitialization: true });
    consumer.useGlobalFilters(new BusErrorFilter());
    // The start-up hooks of the modules run once, for the application; a consumer would run them all again.
    if (consumer instanceof NestMicroservice) consumer.setIsInitHookCalled(true);
  }
  try {
    await app.init();
    await app.startAllMicroservices();
    await app.listen({ port: options.port, host: options.host, backlog: LISTEN_BACKLOG });
  } catch (error) {
    // Whoever tries again must find the port, the timers and the subscriptions of this try gone.
    await app.close().catch(() => undefined);
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  logger.info({ event: 'service.started', port });
  let closing: Promise<void> | undefined;
  return {
    name: options.name,
    url: `http://${options.host}:${port}`,
    port,
    app,
    readiness,
    close: () => (closing ??= draining().then(() => app.close())),
  };
}

interface DrainableApp {
  readonly app: NestFastifyApplication;
  readonly draining: () => Promise<void>;
}

async function createApp(options: ServiceOptions, logger: Logger, readiness: Readiness): Promise<DrainableApp> {
  let drainingServer: DrainingServer | undefined;
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    // A platform model id is one path segment, percent-encoded.
    routerOptions: { maxParamLength: PATH_SEGMENT_LENGTH_MAX },
    genReqId: (request: IncomingMessage) => requestIdOf(request),
    forceCloseConnections: 'idle',
    serverFactory: (handler: (request: IncomingMessage, response: ServerResponse) => void) => {
      const take = options.requestListener;
      const listener = withFullHeaders((request, response) => {
        if (take?.(request, response) !== true) handler(request, response);
      });
      const server = createServer({ noDelay: true, IncomingMessage: ServiceRequest }, listener);
      options.configureServer?.(server);
      drainingServer = new DrainingServer(server);
      return server;
    },
  });
  const parser = jsonBodyParser(adapter.getInstance());
  adapter.useBodyParser('application/json', true, { bodyLimit: options.bodyLimitBytes ?? BODY_LIMIT_BYTES }, parser);
  const common: DynamicModule = {
    module: ServiceModule,
    controllers: [HealthController],
    providers: [{ provide: Readiness, useValue: readiness }],
    exports: [Readiness],
  };
  const root: DynamicModule = { module: class RootModule {}, imports: [common, options.module as Type] };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
    rawBody: options.keepsRawBody ?? false,
  });
  app.useGlobalFilters(new ErrorFilter(logger));
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header(HEADER.requestId, request.id).header(HEADER.clientRequestId, request.id);
    const refusal = refuseControlCharacters(request.url);
    if (refusal === undefined) return done();
    sendRefusal(reply, request.id, refusal);
  });
  return { app, draining: () => drainingServer?.drain(DRAIN_TIMEOUT_MS) ?? Promise.resolve() };
}

/** A router in front has given the request its id already; anybody else's is not trusted to be well-formed. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers[HEADER.requestId];
  return typeof given === 'string' && REQUEST_ID_PATTERN.test(given) ? given : newId('req');
}

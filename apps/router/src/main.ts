import cluster from 'node:cluster';
import { createBus } from '@ecolink/messaging';
import { createLogger, runService } from '@ecolink/runtime';
import { DiskWatch } from '@ecolink/service-kit';
import { readRouterEnvironment } from './environment.js';
import { startRouter } from './start-router.js';
import { runPrimary } from './workers/run-primary.js';
import { metricsOfAllWorkers } from './workers/worker-metrics.js';

const { config, databaseUrl, kafkaBrokers, workers } = readRouterEnvironment(process.env);

if (workers > 1 && cluster.isPrimary) await runPrimary(workers);
else
  await runService('router', async (opened) => {
    const bus = createBus({
      clientId: config.routerId,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...(kafkaBrokers === undefined ? {} : { kafkaBrokers }),
    });
    opened.push(bus);
    const disk = new DiskWatch(config.dataDirectory, createLogger('router'));
    disk.start();
    opened.push({ close: () => Promise.resolve(disk.stop()) });
    opened.push(await startRouter(config, bus, cluster.isWorker ? { metricsOf: metricsOfAllWorkers } : {}));
  });

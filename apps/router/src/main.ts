import { createBus } from '@ecolink/messaging';
import { runService } from '@ecolink/service-kit';
import { readRouterEnvironment } from './environment.js';
import { startRouter } from './start-router.js';

const { config, databaseUrl, kafkaBrokers } = readRouterEnvironment(process.env);

await runService('router', async (opened) => {
  const bus = createBus({
    clientId: config.routerId,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(kafkaBrokers === undefined ? {} : { kafkaBrokers }),
  });
  opened.push(bus);
  opened.push(await startRouter(config, bus));
});

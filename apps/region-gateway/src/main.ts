import { createBus } from '@ecolink/messaging';
import { runService } from '@ecolink/runtime';
import { readConfig } from './config.js';
import { startRegionGateway } from './start-region-gateway.js';

const { databaseUrl, kafkaBrokers, ...config } = readConfig(process.env);

await runService(`region-gateway/${config.region}`, async (opened) => {
  const bus = createBus({
    clientId: `region-gateway-${config.region}`,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(kafkaBrokers === undefined ? {} : { kafkaBrokers }),
  });
  opened.push(bus);
  opened.push(await startRegionGateway({ ...config, bus }));
});

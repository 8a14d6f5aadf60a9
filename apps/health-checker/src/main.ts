import { migrateDatabase, openDatabase } from '@ecolink/database';
import { createBus, relayOutbox } from '@ecolink/messaging';
import { runService } from '@ecolink/runtime';
import { readConfig } from './config.js';
import { startHealthChecker } from './start-health-checker.js';

const { databaseUrl, kafkaBrokers, ...config } = readConfig(process.env);

await runService('health-checker', async (opened) => {
  await migrateDatabase(databaseUrl);
  const database = openDatabase({ url: databaseUrl });
  opened.push(database);
  const bus = createBus({ clientId: 'health-checker', databaseUrl, ...(kafkaBrokers === undefined ? {} : { kafkaBrokers }) });
  opened.push(bus);
  opened.push(relayOutbox(bus, databaseUrl));
  opened.push(await startHealthChecker({ ...config, database, bus }));
});

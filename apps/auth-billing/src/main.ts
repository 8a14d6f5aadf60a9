import { migrateDatabase, openDatabase } from '@ecolink/database';
import { createBus, relayOutbox } from '@ecolink/messaging';
import { runService } from '@ecolink/runtime';
import { readConfig } from './config.js';
import { startAuthBilling } from './start-auth-billing.js';

const { databaseUrl, kafkaBrokers, ...config } = readConfig(process.env);

await runService('auth-billing', async (opened) => {
  await migrateDatabase(databaseUrl);
  const database = openDatabase({ url: databaseUrl });
  opened.push(database);
  const bus = createBus({ clientId: 'auth-billing', databaseUrl, ...(kafkaBrokers === undefined ? {} : { kafkaBrokers }) });
  opened.push(bus);
  opened.push(relayOutbox(bus, databaseUrl));
  opened.push(await startAuthBilling({ ...config, database, bus }));
});

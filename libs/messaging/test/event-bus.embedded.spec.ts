import { createTestDatabase } from '@ecolink/testing';
import { createBus } from '../src/index.js';
import { eventBusContract } from './event-bus.contract.js';
import { QUICK_BACK_OFF, silentLogger } from './quiet.js';

describe('the embedded log', () => {
  eventBusContract(async () => {
    const database = await createTestDatabase();
    return {
      createBus: () => createBus({ clientId: 'test', databaseUrl: database.url, logger: silentLogger, backOff: QUICK_BACK_OFF }),
      environment: { DATABASE_URL: database.url },
      close: () => database.close(),
    };
  });
});

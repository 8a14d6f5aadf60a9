import { createTestDatabase } from '@ecolink/testing';
import { databaseContract } from './database.contract.js';

describe('the embedded PostgreSQL', () => {
  databaseContract(createTestDatabase);
});

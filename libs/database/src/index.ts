export * from './append-events.js';
export * from './database.js';
export * from './embedded/start-embedded-postgres.js';
export * from './idempotency/idempotency-keys.js';
export * from './migrate.js';
export { Prisma, PrismaClient } from './generated/prisma/client.js';

import { defineConfig } from 'prisma/config';

/** For the Prisma CLI only (`generate`, and `migrate deploy` on a machine of your own): the product reads the same folders itself. */
export default defineConfig({
  schema: 'prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://unused' },
});

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const boundaries = '@nx/enforce-module-boundaries';
const packages = 'ecolink/owned-packages';
const queries = 'no-restricted-syntax';

type Case = readonly [guarantee: string, path: string, text: string, rule?: string];

const forbidden: readonly Case[] = [
  ['an app importing an app', 'apps/router/src/x.ts', `import '@ecolink/auth-billing';`, boundaries],
  ['an app importing an app lazily', 'apps/router/src/x.ts', `await import('@ecolink/auth-billing');`, boundaries],
  ['an app reaching into an app by path', 'apps/router/src/x.ts', `import '../../auth-billing/src/index.js';`, boundaries],
  ['an app importing the all-in-one process', 'apps/router/src/x.ts', `import '@ecolink/ecolink';`, boundaries],
  ['an app reaching into a lib by path', 'apps/router/src/x.ts', `import '../../../libs/contracts/src/ids.js';`, boundaries],
  [
    'the all-in-one process reaching into an app by path',
    'apps/ecolink/src/x.ts',
    `import '../../router/src/index.js';`,
    boundaries,
  ],
  ['a lib importing an app', 'libs/messaging/src/x.ts', `import '@ecolink/router';`, boundaries],
  ['contracts importing a lib', 'libs/contracts/src/x.ts', `import '@ecolink/messaging';`, boundaries],
  ['contracts importing Nest', 'libs/contracts/src/x.ts', `import '@nestjs/common';`, packages],
  ['contracts reading files', 'libs/contracts/src/x.ts', `import 'node:fs/promises';`, packages],
  ['contracts opening sockets', 'libs/contracts/src/x.ts', `export * from 'node:net';`, packages],
  ['contracts importing an engine', 'libs/contracts/src/x.ts', `import 'kafkajs';`, packages],
  ['kafkajs in an app', 'apps/router/src/x.ts', `import kafkajs from 'kafkajs'; kafkajs;`, packages],
  ['kafkajs re-exported by an app', 'apps/router/src/x.ts', `export * from 'kafkajs';`, packages],
  ['kafkajs loaded lazily by an app', 'apps/router/src/x.ts', `await import('kafkajs');`, packages],
  ['kafkajs required by an app', 'apps/router/src/x.ts', `require('kafkajs');`, packages],
  ['kafkajs in a store', 'apps/auth-billing/src/keys/keys.store.ts', `import 'kafkajs';`, packages],
  ['kafkajs in another lib', 'libs/shared-state/src/x.ts', `import 'kafkajs';`, packages],
  ['ioredis in an app', 'apps/router/src/x.ts', `import 'ioredis';`, packages],
  ['ioredis in another lib', 'libs/messaging/src/x.ts', `import 'ioredis';`, packages],
  ['pg in an app', 'apps/auth-billing/src/x.ts', `import 'pg';`, packages],
  ['pg in a store', 'apps/auth-billing/src/keys/keys.store.ts', `import 'pg';`, packages],
  ['the Prisma client in a service', 'apps/auth-billing/src/x.ts', `import '@prisma/client';`, packages],
  ['a Prisma adapter in a service', 'apps/auth-billing/src/x.ts', `import '@prisma/adapter-pg';`, packages],
  [
    'Prisma from the database lib in a service',
    'apps/auth-billing/src/x.ts',
    `import { Prisma } from '@ecolink/database'; Prisma;`,
    packages,
  ],
  [
    'a Prisma type in a service',
    'apps/auth-billing/src/x.ts',
    `import type { PrismaClient } from '@ecolink/database';`,
    packages,
  ],
  ['the generated client by path', 'libs/testing/src/x.ts', `import '../../database/src/generated/prisma/client.js';`, packages],
  ['everything of the database lib re-exported', 'apps/auth-billing/src/x.ts', `export * from '@ecolink/database';`, packages],
  ['the database lib taken whole', 'apps/auth-billing/src/x.ts', `import * as all from '@ecolink/database'; all;`, packages],
  ['a Prisma type named inline', 'apps/auth-billing/src/x.ts', `let x: import('@ecolink/database').Prisma; x;`, packages],
  ['a query in a service', 'apps/auth-billing/src/x.ts', `export const f = (tx: T) => tx.account.findMany();`, queries],
  [
    'a query on a transaction in a service',
    'apps/auth-billing/src/x.ts',
    `export const f = (transaction: T) => transaction.account.findMany();`,
    queries,
  ],
  ['a query on the shared client in a service', 'apps/auth-billing/src/x.ts', `this.database.client.account.count();`, queries],
  ['an engine importing the Nest kit', 'libs/messaging/src/x.ts', `import '@ecolink/service-kit';`, boundaries],
  ['the runtime importing an engine', 'libs/runtime/src/x.ts', `import '@ecolink/messaging';`, boundaries],
  ['the raw HTTP lib importing the Nest kit', 'libs/proxy/src/x.ts', `import '@ecolink/service-kit';`, boundaries],
  ['the test kit in shipped code', 'apps/router/src/x.ts', `import '@ecolink/testing';`, packages],
  ['the console importing a server-side lib', 'apps/console/src/x.ts', `import '@ecolink/service-kit';`, packages],
  ['an engine in a tool', 'tools/bench/x.mjs', `import 'kafkajs';`, packages],
  [
    'a lib in an example, which stands for a program of somebody else',
    'tools/examples/x/main.mjs',
    `import '@ecolink/contracts';`,
    packages,
  ],
];

const allowed: readonly Case[] = [
  ['an app importing libs', 'apps/router/src/x.ts', `import '@ecolink/contracts'; import '@ecolink/messaging';`],
  ['a lib importing a lib', 'libs/messaging/src/x.ts', `import '@ecolink/contracts';`],
  ['a test importing the test kit', 'apps/router/test/x.spec.ts', `import '@ecolink/testing';`],
  ['the all-in-one process importing apps', 'apps/ecolink/src/x.ts', `import '@ecolink/router'; import '@ecolink/auth-billing';`],
  ['kafkajs in messaging', 'libs/messaging/src/x.ts', `import kafkajs from 'kafkajs'; await import('kafkajs'); kafkajs;`],
  ['kafkajs in an example', 'tools/examples/x/main.mjs', `import 'kafkajs';`],
  ['libs in the test of an example', 'tools/examples/x/main.spec.ts', `import '@ecolink/messaging';`],
  ['ioredis in shared-state', 'libs/shared-state/src/x.ts', `import 'ioredis';`],
  ['pg in database', 'libs/database/src/x.ts', `import 'pg';`],
  ['pg in messaging', 'libs/messaging/src/x.ts', `import 'pg';`],
  ['the Prisma client in database', 'libs/database/src/x.ts', `import '@prisma/client'; import './generated/prisma/client.js';`],
  ['Prisma in a store', 'apps/auth-billing/src/keys/keys.store.ts', `import { Prisma } from '@ecolink/database'; Prisma;`],
  ['the database handle in a service', 'apps/auth-billing/src/x.ts', `import { Database } from '@ecolink/database'; Database;`],
  ['a client handed to a store', 'apps/auth-billing/src/x.ts', `listKeys(this.database.client, 'acc_1'); useIn(tx);`],
  ['a query in a store', 'apps/auth-billing/src/keys/keys.store.ts', `export const f = (tx: T) => tx.key.findMany();`],
  [
    'kafkajs beside the test kit in tests of messaging',
    'libs/messaging/test/x.spec.ts',
    `import '@ecolink/testing'; import 'kafkajs';`,
  ],
  ['the console importing contracts', 'apps/console/src/x.ts', `import '@ecolink/contracts';`],
  ['contracts validating', 'libs/contracts/src/x.ts', `import { z } from 'zod'; z;`],
];

const brokenRules = lint([...forbidden, ...allowed]);

describe('the dependency rules of the tree', () => {
  it.each(forbidden.map((entry, index) => [...entry, index] as const))('refuse %s', (_guarantee, _path, _text, rule, index) => {
    expect(brokenRules[index]).toContain(rule);
  });

  it.each(allowed.map((entry, index) => [...entry, index] as const))('allow %s', (_guarantee, _path, _text, index) => {
    expect(brokenRules[forbidden.length + Number(index)]).toEqual([]);
  });
});

function lint(cases: readonly Case[]): string[][] {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const input = JSON.stringify(cases.map(([, path, text]) => ({ path, text })));
  const child = spawnSync(process.execPath, ['tools/lint/lint-sources.mjs'], {
    cwd: root,
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (child.status !== 0) throw new Error(`linting failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as string[][];
}

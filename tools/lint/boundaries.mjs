import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import nx from '@nx/eslint-plugin';
import { ownedPackagesRule } from './owned-packages.mjs';

const code = ['**/*.ts', '**/*.tsx', '**/*.mjs'];

/** The dependency rules of the tree as flat config entries: projects by their Nx tags, packages by their owners. */
export async function boundaryRules(workspaceRoot) {
  await readProjectGraph();
  const apps = packageNames(join(workspaceRoot, 'apps'));
  return [
    {
      files: code,
      plugins: { '@nx': nx, ecolink: { rules: { 'owned-packages': ownedPackagesRule } } },
      rules: { '@nx/enforce-module-boundaries': ['error', moduleBoundaries([])], 'ecolink/owned-packages': 'error' },
    },
    // The all-in-one process is made of the apps, and may import all of them.
    {
      files: code.map((glob) => `apps/ecolink/${glob}`),
      rules: { '@nx/enforce-module-boundaries': ['error', moduleBoundaries(apps)] },
    },
    {
      files: ['apps/*/src/**/*.ts'],
      ignores: ['**/*.store.ts', '**/*.spec.ts'],
      rules: { 'no-restricted-syntax': ['error', ...queriesOutsideStores] },
    },
  ];
}

/** Handing a client or a transaction to a store's function is fine; asking it something is the store's business. */
const queriesOutsideStores = [
  'MemberExpression[object.name=/^(tx|transaction)$/]',
  "MemberExpression > MemberExpression.object[property.name='client']:matches([object.name='database'], [object.property.name='database'])",
].map((selector) => ({ selector, message: 'Queries stand in *.store.ts; pass the transaction on to a store.' }));

function moduleBoundaries(allow) {
  return {
    allow,
    // Tests of the libs use the test kit, which uses the libs; no shipped code takes part in that circle.
    ignoredCircularDependencies: [['@ecolink/testing', '*']],
    depConstraints: [
      { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib'] },
      { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
      { sourceTag: 'layer:pure', onlyDependOnLibsWithTags: [] },
      // The test kit (layer:test) is kept out of shipped code by its owned package. A lib imports its own layer and those below it, so that a rule of the product never hides in an engine.
      { sourceTag: 'layer:runtime', onlyDependOnLibsWithTags: ['layer:pure', 'layer:runtime', 'layer:test'] },
      { sourceTag: 'layer:engine', onlyDependOnLibsWithTags: ['layer:pure', 'layer:runtime', 'layer:engine', 'layer:test'] },
      {
        sourceTag: 'layer:nest',
        onlyDependOnLibsWithTags: ['layer:pure', 'layer:runtime', 'layer:engine', 'layer:nest', 'layer:test'],
      },
    ],
  };
}

/**
 * Nx's rule takes the project graph from a cache, and passes everything when there is none. Building it here makes a
 * fresh clone as strict as a used one. No daemon and no plugin processes: nothing must outlive a lint run.
 */
async function readProjectGraph() {
  process.env.NX_DAEMON = 'false';
  process.env.NX_ISOLATE_PLUGINS = 'false';
  const { createProjectGraphAsync } = await import('@nx/devkit');
  await createProjectGraphAsync({ exitOnError: false });
}

function packageNames(folder) {
  return readdirSync(folder)
    .map((name) => join(folder, name, 'package.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')).name);
}

import { relative } from 'node:path';

const prismaOwners = /^libs\/database\/|^prisma\/|^prisma\.config\.ts$|\.store(\.spec)?\.ts$/;

/**
 * Packages that one place owns, so that an engine can be replaced, and its sharp edges be handled, in that place alone.
 * `files` are the paths that may import it; `names` limits an entry to some of the package's exports.
 */
const ownedPackages = [
  // The examples are programs of other people: they show what an outside consumer writes, and import nothing of ours.
  { imports: /^kafkajs(\/|$)/, files: /^(libs\/messaging|tools\/examples)\//, owner: 'libs/messaging and tools/examples' },
  { imports: /^@ecolink\//, files: /^(?!tools\/examples\/.*\.mjs$)/, owner: 'the product' },
  { imports: /^ioredis(\/|$)/, files: /^libs\/shared-state\//, owner: 'libs/shared-state' },
  // The test kit creates and drops whole databases, which no client living inside one can do.
  {
    imports: /^pg(\/|$)/,
    // A benchmark measures the database itself, beside the product.
    files: /^libs\/(database|messaging|testing)\/|^tools\/bench\//,
    owner: 'libs/database, libs/messaging, libs/testing and tools/bench',
  },
  { imports: /^@prisma\/|\/generated\/prisma(\/|$)/, files: prismaOwners, owner: 'libs/database and *.store.ts' },
  {
    imports: /^@ecolink\/database$/,
    names: ['Prisma', 'PrismaClient'],
    files: prismaOwners,
    owner: 'libs/database and *.store.ts',
  },
  // `contracts` is loaded by browsers and by every process: it may compute, and nothing else.
  { imports: /^@nestjs\//, files: /^(?!libs\/contracts\/)/, owner: 'anything but contracts' },
  { imports: /^node:/, files: /^(?!libs\/contracts\/)/, owner: 'anything but contracts' },
  // The console is a browser application on public HTTP APIs; its tests start what it talks to.
  { imports: /^@ecolink\/(?!contracts$)/, files: /^(?!apps\/console\/(?!test\/))/, owner: 'server-side projects' },
  { imports: /^@ecolink\/testing$/, files: /\.spec\.tsx?$|\/test\/|^libs\/testing\/|^tools\//, owner: 'tests' },
];

/** ESLint rule: an import of any form (static, re-export, `import()`, `require()`) of a package by a file that does not own it. */
export const ownedPackagesRule = {
  meta: { type: 'problem', schema: [], messages: { owned: 'Only {{owner}} may import {{what}}.' } },
  create(context) {
    const path = relative(context.cwd, context.filename).replaceAll('\\', '/');
    const foreign = ownedPackages.filter(({ files }) => !files.test(path));

    function check(node, source, names) {
      if (typeof source !== 'string') return;
      for (const entry of foreign) {
        if (!entry.imports.test(source)) continue;
        const taken = entry.names ? names.find((name) => name === '*' || entry.names.includes(name)) : source;
        if (taken) context.report({ node, messageId: 'owned', data: { owner: entry.owner, what: taken } });
      }
    }

    return {
      ImportDeclaration: (node) => check(node, node.source.value, node.specifiers.map(importedName)),
      ExportNamedDeclaration: (node) =>
        check(
          node,
          node.source?.value,
          node.specifiers.map(({ local }) => local.name ?? local.value),
        ),
      ExportAllDeclaration: (node) => check(node, node.source.value, ['*']),
      ImportExpression: (node) => check(node, node.source.value, ['*']),
      TSImportType: (node) => check(node, node.source?.value ?? node.argument?.literal?.value, [node.qualifier?.name ?? '*']),
      CallExpression: (node) => {
        if (node.callee.name === 'require') check(node, node.arguments[0]?.value, ['*']);
      },
    };
  },
};

function importedName(specifier) {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  return specifier.imported.name ?? specifier.imported.value;
}

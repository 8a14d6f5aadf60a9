import { readdirSync } from 'node:fs';
import { parseDockerIgnore } from './dockerfile/docker-ignore.js';
import { environmentOf, flatten, parseDockerfile } from './dockerfile/parse-dockerfile.js';
import { readText, ROOT } from './support/read-compose.js';

const stages = parseDockerfile(readText('Dockerfile'));
const finals = ['auth-billing', 'instance-registry', 'health-checker', 'region-gateway', 'setup', 'router'];
const projects = ['apps', 'libs'].flatMap((parent) => readdirSync(`${ROOT}${parent}`).map((name) => `${parent}/${name}`));

it('installs for every workspace of the repository', () => {
  const copied = flatten(stages, 'manifests').instructions.flatMap((step) => (step.kind === 'copy' ? step.sources : []));
  expect(copied).toEqual(expect.arrayContaining(projects.map((project) => `${project}/package.json`)));
});

it('runs on the version of Node that the checkout installs for itself', () => {
  const [, version] = /NODE_VERSION = '([\d.]+)'/.exec(readText('tools/bootstrap/prepare.mjs')) ?? [];
  const images = stages.map((stage) => stage.base).filter((base) => !stages.some((stage) => stage.name === base));
  expect(images).toEqual([`node:${version ?? ''}-slim`]);
});

describe.each(finals)('the image of %s', (name) => {
  const { instructions } = flatten(stages, name);

  it('runs as a user without rights, and installs nothing but what production needs', () => {
    expect(instructions.findLast((step) => step.kind === 'user')?.name).toBe('node');
    expect(environmentOf(instructions)['NODE_ENV']).toBe('production');
    expect(instructions.some((step) => step.kind === 'run')).toBe(false);
    expect(instructions.flatMap((step) => (step.kind === 'copy' && step.from === undefined ? step.sources : []))).toEqual(
      readsTables(name) ? ['prisma/migrations'] : [],
    );
  });
});

it('has a health check for everything that stays', () => {
  for (const name of finals) {
    const check = flatten(stages, name).instructions.findLast((step) => step.kind === 'healthcheck');
    expect(check?.command.join(' ') ?? '').toMatch(name === 'setup' ? /^$/ : /^node -e .*\/readyz/);
  }
});

it('sends the builder what it copies, and no secret, data or build', () => {
  const isSent = parseDockerIgnore(readText('.dockerignore'));
  const sources = stages.flatMap((stage) =>
    stage.instructions.flatMap((step) => (step.kind === 'copy' && step.from === undefined ? step.sources : [])),
  );
  expect(sources.filter((source) => !isSent(source))).toEqual([]);
  const kept = ['apps/router/src/main.ts', 'libs/database/src/migrate.ts', 'prisma/migrations/migration_lock.toml'];
  expect(kept.filter((path) => !isSent(path))).toEqual([]);
  const secret = ['.env', '.git/config', '.tools/compose/tls/key.pem', '.ecolink/secrets.json', '.ecolink-cluster/secrets.json'];
  const built = [
    'node_modules/zod/index.js',
    'apps/router/node_modules/x',
    'apps/router/dist/main.js',
    'apps/router/test/a.spec.ts',
  ];
  const generated = ['libs/database/src/generated/prisma/client.ts', 'apps/router/src/config.spec.ts'];
  expect([...secret, ...built, ...generated].filter((path) => isSent(path))).toEqual([]);
});

function readsTables(name: string): boolean {
  return !['router', 'region-gateway'].includes(name);
}

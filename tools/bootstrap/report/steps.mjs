import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const minuteMs = 60_000;
const workersMax = 2;
const workerHeapMax = '600MB';

/**
 * The steps of a run, in order. Kinds: a `check` counts as one test, a `jest` step as the tests in its report.
 * Places: the steps that stand `beside` the tests run at the same time as those, of which one runs `after` the other; a step
 * that wants to be `alone` waits for all of them.
 * With patterns only the tests whose path matches run, and nothing else.
 */
export function stepsFor({ root, reportDir, full, patterns }) {
  const jest = (name, options) => jestStep({ root, reportDir, name, ...options });
  const fullTests = `${inRoot(root)}/(apps|libs|tools)/[^/]+/test/full/`;
  const endToEndTests = `${inRoot(root)}/(apps|libs|tools)/[^/]+/test/e2e/`;
  const integrationTests = `${inRoot(root)}/(apps|libs|tools)/[^/]+/test/`;
  if (patterns.length > 0) {
    return [jest('tests', { only: patterns, except: full ? [] : [fullTests], timeoutMs: 60 * minuteMs })];
  }
  return [
    beside('eslint', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']),
    beside('prettier', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
    beside('knip', ['node_modules/knip/bin/knip.js', '--no-config-hints']),
    beside('types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']),
    beside('types of the console', ['node_modules/typescript/bin/tsc', '-p', 'apps/console/tsconfig.json']),
    jest('unit tests', { only: [], except: [integrationTests], timeoutMs: 10 * minuteMs }),
    jest('integration tests', { only: [integrationTests], except: [fullTests, endToEndTests], timeoutMs: 30 * minuteMs }),
    // Whole products with timing of their own: one at a time, or they disturb each other on a small machine.
    ...(hasTests(root, 'e2e')
      ? [
          jest('end-to-end tests', {
            only: [endToEndTests],
            except: [],
            timeoutMs: 40 * minuteMs,
            workers: 1,
            place: 'alone',
            more: [
              `--globalSetup=${join(root, 'tools/bootstrap/start-shared-product.mjs')}`,
              `--globalTeardown=${join(root, 'tools/bootstrap/end-shared-product.mjs')}`,
            ],
          }),
        ]
      : []),
    ...(full && hasTests(root, 'full')
      ? [jest('long tests', { only: [fullTests], except: [], timeoutMs: 120 * minuteMs, workers: 1, place: 'alone' })]
      : []),
    ...(full
      ? [
          check(
            'fault run',
            ['tools/faults/run.mjs', '--kills', '20', '--cut-seconds', '10', '--data-dir', join(reportDir, 'faults')],
            20 * minuteMs,
          ),
        ]
      : []),
  ];
}

function beside(name, args) {
  return { ...check(name, args), place: 'beside' };
}

function check(name, args, timeoutMs = 20 * minuteMs) {
  return { kind: 'check', name, args, env: {}, timeoutMs, place: 'alone' };
}

function jestStep({ root, reportDir, name, only, except, timeoutMs, workers = workersMax, place = 'after', more = [] }) {
  const reportFile = join(reportDir, `${name.replaceAll(' ', '-')}.json`);
  const args = [
    'node_modules/jest/bin/jest.js',
    '--config',
    'jest.config.mjs',
    `--maxWorkers=${workers}`,
    // A worker keeps modules of the files it has run, and collecting garbage among them gets ever dearer: it makes room for a new one.
    `--workerIdleMemoryLimit=${workerHeapMax}`,
    // A failed test may leave a socket open; the run ends with its result all the same.
    '--forceExit',
    '--json',
    `--outputFile=${reportFile}`,
    ...more,
  ];
  for (const pattern of [`${inRoot(root)}/(.*/)?node_modules/`, ...except]) args.push(`--testPathIgnorePatterns=${pattern}`);
  for (const pattern of only) args.push(`--testPathPatterns=${pattern}`);
  const nodeOptions = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const env = { NODE_OPTIONS: nodeOptions.filter(Boolean).join(' ') };
  return { kind: 'jest', name, args, env, timeoutMs, reportFile, place };
}

/** The workspace's path as a regular expression: a clone may stand in a folder named like one of ours. */
function inRoot(root) {
  return `^${root.replace(/\/$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
}

/** Whether any project has tests in `test/<folder>/`; a Jest run that finds no tests is a failure. */
function hasTests(root, folder) {
  return ['apps', 'libs', 'tools']
    .flatMap((parent) => projectFolders(join(root, parent)))
    .map((project) => join(project, 'test', folder))
    .some((path) => existsSync(path) && readdirSync(path, { recursive: true }).some((file) => String(file).endsWith('.spec.ts')));
}

function projectFolders(parent) {
  return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
}

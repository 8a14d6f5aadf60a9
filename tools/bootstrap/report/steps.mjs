import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const minuteMs = 60_000;
const workersMax = 2;

/**
 * The steps of a run, in order. Kinds: a `check` counts as one test, a `jest` step as the tests in its report.
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
    check('eslint', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']),
    check('prettier', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
    check('knip', ['node_modules/knip/bin/knip.js', '--no-config-hints']),
    check('types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']),
    jest('unit tests', { only: [], except: [integrationTests], timeoutMs: 5 * minuteMs }),
    jest('integration tests', { only: [integrationTests], except: [fullTests, endToEndTests], timeoutMs: 10 * minuteMs }),
    // Whole products with timing of their own: one at a time, or they disturb each other on a small machine.
    ...(hasTests(root, 'e2e')
      ? [jest('end-to-end tests', { only: [endToEndTests], except: [], timeoutMs: 10 * minuteMs, workers: 1 })]
      : []),
    ...(full && hasTests(root, 'full')
      ? [jest('long tests', { only: [fullTests], except: [], timeoutMs: 120 * minuteMs, workers: 1 })]
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

function check(name, args, timeoutMs = 5 * minuteMs) {
  return { kind: 'check', name, args, env: {}, timeoutMs };
}

function jestStep({ root, reportDir, name, only, except, timeoutMs, workers = workersMax }) {
  const reportFile = join(reportDir, `${name.replaceAll(' ', '-')}.json`);
  const args = [
    'node_modules/jest/bin/jest.js',
    '--config',
    'jest.config.mjs',
    `--maxWorkers=${workers}`,
    // A failed test may leave a socket open; the run ends with its result all the same.
    '--forceExit',
    '--json',
    `--outputFile=${reportFile}`,
  ];
  for (const pattern of [`${inRoot(root)}/(.*/)?node_modules/`, ...except]) args.push(`--testPathIgnorePatterns=${pattern}`);
  for (const pattern of only) args.push(`--testPathPatterns=${pattern}`);
  const nodeOptions = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  return { kind: 'jest', name, args, env: { NODE_OPTIONS: nodeOptions.filter(Boolean).join(' ') }, timeoutMs, reportFile };
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

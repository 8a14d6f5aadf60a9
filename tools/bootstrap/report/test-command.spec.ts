import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bootstrap = fileURLToPath(new URL('../', import.meta.url));
const tools = {
  eslint: 'node_modules/eslint/bin/eslint.js',
  prettier: 'node_modules/prettier/bin/prettier.cjs',
  knip: 'node_modules/knip/bin/knip.js',
  tsc: 'node_modules/typescript/bin/tsc',
  jest: 'node_modules/jest/bin/jest.js',
};
const passes = '';
const fails = 'process.exit(1);';
/** A Jest of two passed and one skipped test, that shows how it was called. */
const jest = `
  console.log('JEST ' + process.argv.slice(2).join(' '));
  const file = process.argv.find((arg) => arg.startsWith('--outputFile=')).slice('--outputFile='.length);
  const counts = { numPassedTests: 2, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0, numRuntimeErrorTestSuites: 0 };
  require('node:fs').writeFileSync(file, JSON.stringify({ success: true, ...counts }));`;

const workspaces: string[] = [];
afterAll(() => {
  for (const path of workspaces) rmSync(path, { recursive: true, force: true });
});

/** The real test command in a workspace whose tools are stand-ins. */
function workspace(overrides: Partial<Record<keyof typeof tools, string>> = {}, files: Record<string, string> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'ecolink-runner-'));
  workspaces.push(root);
  cpSync(join(bootstrap, 'test.mjs'), join(root, 'tools/bootstrap/test.mjs'));
  cpSync(join(bootstrap, 'report'), join(root, 'tools/bootstrap/report'), { recursive: true });
  const prepare = `export const prepare = async () => ({ node: process.execPath, env: process.env });`;
  const browser = `export const chromium = () => undefined; export const isMissing = () => false;`;
  const standIns = Object.entries({ eslint: passes, prettier: passes, knip: passes, tsc: passes, jest, ...overrides });
  const scripts = Object.fromEntries(standIns.map(([name, script]) => [tools[name as keyof typeof tools], script]));
  for (const [path, text] of Object.entries({
    'tools/bootstrap/prepare.mjs': prepare,
    'tools/browser/install.mjs': browser,
    ...scripts,
    ...files,
  })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function run(root: string, ...args: string[]) {
  const child = spawnSync(process.execPath, ['tools/bootstrap/test.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const jestRuns = child.stdout.split('\n').filter((line) => line.startsWith('JEST '));
  return { exitCode: child.status, lastLine: child.stdout.trimEnd().split('\n').at(-1), jestRuns, output: child.stdout };
}

describe('the test command', () => {
  it('adds up all steps in its last line and exits with 0 when nothing failed', () => {
    expect(run(workspace())).toMatchObject({ exitCode: 0, lastLine: '9 passed, 0 failed, 2 skipped' });
  });

  it('goes on after a failed step, and fails in the end', () => {
    expect(run(workspace({ eslint: fails, tsc: fails }))).toMatchObject({
      exitCode: 1,
      lastLine: '6 passed, 3 failed, 2 skipped',
    });
  });

  it('shows what a check says whole, under its own heading, though tests talk meanwhile', () => {
    const talks = (what: string) => `
      (async () => {
        for (let line = 1; line <= 20; line += 1) {
          console.log('${what} ' + line);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        process.exitCode = 1;
      })();`;
    const { exitCode, output } = run(workspace({ eslint: talks('LINT'), jest: talks('TEST') }));
    const said = (what: string) => Array.from({ length: 20 }, (_, index) => `${what} ${index + 1}\n`).join('');
    expect(exitCode).toBe(1);
    expect(output).toMatch(new RegExp(`── eslint ─+\n${said('LINT')}`));
    expect(output).toMatch(new RegExp(`── unit tests ─+\n${said('TEST')}`));
    expect(output.match(/^(ok {4}|FAILED) .*?(?= \()/gm)).toEqual([
      'FAILED eslint',
      ...['prettier', 'knip', 'types', 'types of the console'].map((name) => `ok     ${name}`),
      'FAILED unit tests',
      'FAILED integration tests',
    ]);
  });

  it('begins with the end-to-end tests when the checks are through', () => {
    const slow = `setTimeout(() => require('node:fs').writeFileSync('checked', ''), 500);`;
    const looks = `${jest} if (process.argv.join(' ').includes('test/e2e')) console.log('CHECKED ' + require('node:fs').existsSync('checked'));`;
    const root = workspace({ tsc: slow, jest: looks }, { 'apps/router/test/e2e/start.spec.ts': '' });
    expect(
      run(root)
        .output.match(/^CHECKED .*$/gm)
        ?.at(-1),
    ).toBe('CHECKED true');
  });

  it('counts a test runner that is killed as a failure', () => {
    const killed = `process.kill(process.pid, 'SIGKILL');`;
    expect(run(workspace({ jest: killed }))).toMatchObject({ exitCode: 1, lastLine: '5 passed, 2 failed, 0 skipped' });
  });

  it('fails with its closing line when the workspace cannot be prepared', () => {
    const broken = { 'tools/bootstrap/prepare.mjs': `export const prepare = async () => { throw new Error('no network'); };` };
    expect(run(workspace({}, broken))).toMatchObject({ exitCode: 1, lastLine: '0 passed, 1 failed, 0 skipped' });
  });

  it('with a pattern runs only the tests that match it', () => {
    const { exitCode, lastLine, jestRuns } = run(workspace(), 'libs/contracts');
    expect({ exitCode, lastLine, count: jestRuns.length }).toEqual({
      exitCode: 0,
      lastLine: '2 passed, 0 failed, 1 skipped',
      count: 1,
    });
    expect(jestRuns[0]).toContain('--testPathPatterns=libs/contracts');
  });

  it('runs long tests only when asked for them', () => {
    const root = workspace({}, { 'apps/router/test/full/a-day.spec.ts': '', 'apps/router/test/e2e/start.spec.ts': '' });
    const normal = run(root).jestRuns;
    const full = run(root, '--full').jestRuns;
    expect([normal.length, full.length]).toEqual([3, 4]);
    expect(normal.join('\n')).not.toMatch(/--testPathPatterns=\S*\/test\/full\//);
    expect(full.at(-1)).toMatch(/--testPathPatterns=\S*\/test\/full\//);
  });
});

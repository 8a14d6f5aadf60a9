// `npm test`: prepares the workspace, runs every step though an earlier one failed, and ends with one line of totals. The
// checks run beside the tests; what they say is shown between those.
// Plain Node 20 or newer without dependencies, since it runs before anything is installed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readJestReport } from './report/read-jest-report.mjs';
import { runStep } from './report/run-step.mjs';
import { stepsFor } from './report/steps.mjs';
import { endEarlierRuns, endLeftProcesses, endPostgres, testRun } from './report/test-leftovers.mjs';
import { addTotals, closingLine, totalsOfStep } from './report/totals.mjs';

const usage = `npm test [-- <pattern>...]     lint, types and tests; with patterns only the tests whose path matches one
npm run test:full             the same and the long tests (test/full/)`;

const root = fileURLToPath(new URL('../../', import.meta.url));
const cancelled = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => cancelled.abort(signal));

const { values: options, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

if (options.help) console.log(usage);
else process.exitCode = await main();

/** Exit code: 0 when something ran and nothing failed. */
async function main() {
  const reportDir = mkdtempSync(join(tmpdir(), 'ecolink-test-'));
  const results = [];
  const run = testRun();
  try {
    const earlier = await endEarlierRuns();
    if (earlier > 0) console.log(`ended the PostgreSQL of ${earlier} earlier test runs that were killed`);
    const { node, env } = await prepared();
    const steps = stepsFor({ root, reportDir, full: options.full, patterns });
    results.push(...(await runSteps(steps, { node, env, run, reportDir })));
  } catch (error) {
    console.error(error);
    results.push({ name: 'prepare', totals: { passed: 0, failed: 1, skipped: 0 }, seconds: 0 });
  } finally {
    await endPostgres(run.postgresDirectory);
    rmSync(reportDir, { recursive: true, force: true });
  }
  if (cancelled.signal.aborted) results.push({ name: 'cancelled', totals: { passed: 0, failed: 1, skipped: 0 }, seconds: 0 });
  return summarise(results);
}

async function prepared() {
  heading('prepare');
  const { prepare } = await import('./prepare.mjs');
  const prepared = await prepare({ quiet: false });
  await browser();
  return prepared;
}

/** The tests of the console drive a browser. Without one they fail, each with the reason; the others run all the same. */
async function browser() {
  const { chromium, isMissing } = await import('../browser/install.mjs');
  if (isMissing()) console.error("» no Chromium here; installing Debian's for the tests of the console (a minute or two)…");
  try {
    chromium();
  } catch (error) {
    console.error(`» ${error.message}`);
  }
}

/** The results of all steps, in their order. */
async function runSteps(steps, { node, env, run, reportDir }) {
  const results = new Map();
  const unshown = [];
  const beside = (async () => {
    for (const step of steps.filter(({ place }) => place === 'beside')) {
      if (cancelled.signal.aborted) break;
      const outputFile = join(reportDir, `${step.name.replaceAll(' ', '-')}.txt`);
      const { outcome, result } = await runOne(step, { node, env, outputFile });
      results.set(step, result);
      unshown.push({ step, outcome, outputFile });
    }
  })();
  const show = () => {
    for (const { step, outcome, outputFile } of unshown.splice(0)) {
      heading(step.name);
      process.stdout.write(readFileSync(outputFile));
      tellProblem(step, outcome);
    }
  };
  for (const step of steps.filter(({ place }) => place !== 'beside')) {
    if (step.place === 'alone') await beside;
    show();
    if (cancelled.signal.aborted) break;
    heading(step.name);
    const { outcome, result } = await runOne(step, { node, env: { ...env, ...run.env } });
    results.set(step, result);
    tellProblem(step, outcome);
    for (const left of await endLeftProcesses(run))
      console.error(`${step.name} left a process running, which was ended: ${left}`);
  }
  await beside;
  show();
  return steps.flatMap((step) => results.get(step) ?? []);
}

async function runOne(step, { node, env, outputFile }) {
  const startedAt = Date.now();
  const outcome = await runStep({
    command: node,
    args: step.args,
    cwd: root,
    env: { ...env, ...step.env },
    timeoutMs: step.timeoutMs,
    signal: cancelled.signal,
    outputFile,
  });
  const jestReport = step.reportFile ? readJestReport(step.reportFile) : undefined;
  const totals = totalsOfStep(step.kind, outcome, jestReport);
  return { outcome, result: { name: step.name, totals, seconds: (Date.now() - startedAt) / 1000 } };
}

function tellProblem(step, { problem }) {
  if (problem) console.error(`${step.name}: ${problem}`);
}

function summarise(results) {
  heading('summary');
  for (const { name, totals, seconds } of results) {
    console.log(`${totals.failed === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s): ${closingLine(totals)}`);
  }
  const totals = addTotals(results.map((result) => result.totals));
  console.log(`\n${closingLine(totals)}`);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

function heading(name) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(3, 70 - name.length))}`);
}

// `npm test`: prepares the workspace, runs every step though an earlier one failed, and ends with one line of totals.
// Plain Node 20 or newer without dependencies, since it runs before anything is installed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readJestReport } from './report/read-jest-report.mjs';
import { runStep } from './report/run-step.mjs';
import { stepsFor } from './report/steps.mjs';
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
  try {
    const { node, env } = await prepared();
    for (const step of stepsFor({ root, reportDir, full: options.full, patterns })) {
      if (cancelled.signal.aborted) break;
      results.push(await report(step, { node, env }));
    }
  } catch (error) {
    console.error(error);
    results.push({ name: 'prepare', totals: { passed: 0, failed: 1, skipped: 0 }, seconds: 0 });
  } finally {
    rmSync(reportDir, { recursive: true, force: true });
  }
  if (cancelled.signal.aborted) results.push({ name: 'cancelled', totals: { passed: 0, failed: 1, skipped: 0 }, seconds: 0 });
  return summarise(results);
}

async function prepared() {
  heading('prepare');
  const { prepare } = await import('./prepare.mjs');
  return prepare({ quiet: false });
}

async function report(step, { node, env }) {
  heading(step.name);
  const startedAt = Date.now();
  const outcome = await runStep({
    command: node,
    args: step.args,
    cwd: root,
    env: { ...env, ...step.env },
    timeoutMs: step.timeoutMs,
    signal: cancelled.signal,
  });
  if (outcome.problem) console.error(`${step.name}: ${outcome.problem}`);
  const jestReport = step.reportFile ? readJestReport(step.reportFile) : undefined;
  return { name: step.name, totals: totalsOfStep(step.kind, outcome, jestReport), seconds: (Date.now() - startedAt) / 1000 };
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

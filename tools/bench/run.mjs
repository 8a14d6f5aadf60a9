// Runs benchmarks by name, prints a table for each and writes all figures as JSON.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './measure/machine.mjs';
import { printResult } from './measure/print.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Each module exports `run(options)`, which resolves with `{ title, columns, rows, goals, notes }`. */
const BENCHMARKS = {
  gateway: { module: './parts/gateway.mjs', about: 'what a call costs: pod, bare proxy, router, nginx, router and gateway' },
  'key-limits': {
    module: './parts/key-limits.mjs',
    about: 'what the limits of a key cost a call',
    isNamedOnly: true,
  },
  refusals: { module: './parts/refusals.mjs', about: 'what a 401 and a 429 cost' },
  streams: { module: './parts/open-streams.mjs', about: '5,000 streams open at once, and their memory' },
  picking: { module: './parts/picking.mjs', about: 'what prefix picking is worth to conversations', isNamedOnly: true },
  'region-kill': { module: './parts/region-kill.mjs', about: 'a region dies under load and comes back', isNamedOnly: true },
  'idle-connections': {
    module: './parts/idle-connections.mjs',
    about: 'ten thousand connections that do nothing',
    isNamedOnly: true,
  },
  product: {
    module: './parts/product.mjs',
    about: '`npm start` as a whole: every process and PostgreSQL, by process',
    isNamedOnly: true,
  },
  start: { module: './parts/busy-start.mjs', about: '`npm start` while billing is busy' },
  scale: { module: './parts/scale.mjs', about: '100,000 instances and 1,000,000 keys in one router' },
  billing: { module: './parts/billing.mjs', about: 'usage events from Kafka to committed ledger' },
  history: { module: './parts/history.mjs', about: 'what grows with a million calls in the data directory', isNamedOnly: true },
  soak: { module: './parts/soak.mjs', about: 'memory over half an hour of mixed load', isNamedOnly: true },
};

const HELP = `npm run bench -- [name…] [--rounds 3] [--calls 20000] [--minutes 30] [--quick] [--json FILE]
                [--peer COMMAND]   for product: another proxy, told UPSTREAM_URL and PORT by its environment
${Object.entries(BENCHMARKS)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    calls: { type: 'string', default: '20000' },
    minutes: { type: 'string', default: '30' },
    quick: { type: 'boolean', default: false },
    peer: { type: 'string' },
    json: { type: 'string', default: path.join(ROOT, '.ecolink-bench', 'result.json') },
    help: { type: 'boolean', default: false },
  },
});

const unknown = positionals.filter((name) => BENCHMARKS[name] === undefined);
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `no such benchmark: ${unknown.join(', ')}\n${HELP}` : HELP);
  process.exitCode = unknown.length > 0 ? 1 : 0;
} else {
  await main();
}

async function main() {
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS).filter((name) => !BENCHMARKS[name].isNamedOnly);
  const options = {
    root: ROOT,
    rounds: values.quick ? 1 : Number(values.rounds),
    calls: values.quick ? 6_000 : Number(values.calls),
    minutes: Number(values.minutes),
    isQuick: values.quick,
    peer: values.peer,
  };
  const report = { date: new Date().toISOString(), commit: commitOf(ROOT), machine: describeMachine(), results: {} };
  for (const name of names) {
    const { run } = await import(BENCHMARKS[name].module);
    report.results[name] = await run(options);
    printResult(report.results[name]);
    mkdirSync(path.dirname(values.json), { recursive: true });
    writeFileSync(values.json, JSON.stringify(report, null, 2));
  }
  console.log(`\nwritten to ${values.json}`);
}

/** What was measured, where this is a clone; null in an archive without its history. */
function commitOf(directory) {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: directory, encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

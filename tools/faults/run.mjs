// `npm run test:faults`: breaks parts of a running cluster under load, one after the other, and holds the books against the
// clients' own account afterwards. Goes on where an earlier run stopped, unless told to --reset.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { prepare } from '../bootstrap/prepare.mjs';
import { CAUGHT_UP_MS, Cluster } from './cluster.mjs';
import { startLoad } from './load.mjs';
import { plan } from './plan.mjs';
import { cut } from './steps/cut.mjs';
import { fillJournal } from './steps/fill-journal.mjs';
import { kill } from './steps/kill.mjs';
import { skewClock } from './steps/skew-clock.mjs';
import { verify } from './verify.mjs';

const HELP = `npm run test:faults -- [options]

  --kills N               kill -9 and restart of a part at random (20)
  --cut-seconds N         Kafka, PostgreSQL, Redis and the registry silent for so long, each once; the journal's quota filled; a
                          clock off by 5 minutes for so long, either way (0 = none of these)
  --long-cut-seconds N    auth-billing silent for so long (0 = not)
  --interval-seconds N    about so long between steps (5)
  --workers N             clients that call at once (8)
  --data-dir DIRECTORY    .ecolink-faults
  --port, --admin-port    of the edge (free ones)
  --reset                 forgets an earlier run; without it what that run did counts, and Ctrl-C pauses a run`;
const STEPS = { kill, cut, 'fill-journal': fillJournal, 'skew-clock': skewClock };
const CREDIT_NANO_USD = '1000000000000';
const SETTLE_MS = 2_000;
const ZERO_COUNTS = [
  ...['lost', 'recorded_twice', 'billed_twice', 'not_posted', 'other_units', 'cut_unexplained', 'refused_but_recorded'],
  ...['not_in_log', 'twice_in_log'],
];

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    'cut-seconds': { type: 'string', default: '0' },
    'long-cut-seconds': { type: 'string', default: '0' },
    workers: { type: 'string', default: '8' },
    'interval-seconds': { type: 'string', default: '5' },
    'data-dir': { type: 'string', default: '.ecolink-faults' },
    port: { type: 'string', default: '0' },
    'admin-port': { type: 'string', default: '0' },
    reset: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
let isPaused = false;

if (values.help) console.log(HELP);
else process.exitCode = await main();

async function main() {
  const { node, env, root } = await prepare();
  const directory = path.resolve(process.env.INIT_CWD ?? process.cwd(), values['data-dir']);
  const cluster = new Cluster({ node, env, root, directory });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (isPaused = true));
  if (values.reset && existsSync(directory)) {
    await cluster.down();
    rmSync(directory, { recursive: true, force: true });
  }
  mkdirSync(directory, { recursive: true });
  await cluster.up({ port: values.port, adminPort: values['admin-port'] });
  try {
    return await breakParts(cluster);
  } finally {
    await cluster.down();
  }
}

async function breakParts(cluster) {
  const stateFile = path.join(cluster.directory, 'state.json');
  const done = existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')).steps : [];
  if (done.length === 0) await cluster.credit(CREDIT_NANO_USD);
  await cluster.timeToBeWhole();
  const file = path.join(cluster.directory, 'calls.jsonl');
  const load = startLoad({ credentials: cluster.credentials, workers: Number(values.workers), file });
  for (const step of stepsLeft(done)) {
    await delay((0.5 + Math.random()) * 1_000 * Number(values['interval-seconds']));
    if (isPaused) break;
    const outcome = await STEPS[step.kind](cluster, step);
    const caughtUpMs = await cluster.timeToCatchUp();
    // One fault at a time: the next one must find another candidate wherever there is to be one.
    const wholeMs = await cluster.timeToBeWhole();
    done.push({ ...step, ...outcome, to: new Date().toISOString(), caught_up_ms: caughtUpMs, whole_ms: wholeMs });
    writeFileSync(stateFile, JSON.stringify({ steps: done }, null, 2));
    console.error(`» ${done.length}. ${step.kind} ${step.target}: caught up in ${caughtUpMs} ms; ${load.told()}`);
  }
  await load.stop();
  await cluster.timeToCatchUp();
  await delay(SETTLE_MS);
  const result = { ...summarise(done), ...(await verify(cluster, file, done)) };
  writeFileSync(path.join(cluster.directory, 'result.json'), JSON.stringify(result, null, 2));
  console.log(JSON.stringify(result, null, 2));
  return isGood(result) ? 0 : 1;
}

/** What is planned and was not done yet. */
function stepsLeft(done) {
  const planned = plan({
    kills: Number(values.kills),
    cutSeconds: Number(values['cut-seconds']),
    longCutSeconds: Number(values['long-cut-seconds']),
  });
  const doneKills = done.filter(({ kind }) => kind === 'kill').length;
  const others = new Set(done.filter(({ kind }) => kind !== 'kill').map(nameOf));
  let kills = 0;
  return planned.filter((step) => (step.kind === 'kill' ? (kills += 1) > doneKills : !others.has(nameOf(step))));
}

function nameOf({ kind, target, skewSeconds }) {
  return [kind, target, skewSeconds].join(' ').trim();
}

function summarise(done) {
  return {
    steps: countBy(done.map(nameOf)),
    step_problems: done.flatMap((step) => (step.problem ? [`${nameOf(step)}: ${step.problem}`] : [])),
    slowest_catch_up_ms: Math.max(...done.map((one) => one.caught_up_ms)),
    slowest_catch_up_ms_by_step: slowestBy(done),
    slowest_to_be_whole_ms: Math.max(...done.map((one) => one.whole_ms)),
  };
}

function slowestBy(done) {
  const slowest = {};
  for (const step of done) slowest[nameOf(step)] = Math.max(slowest[nameOf(step)] ?? 0, step.caught_up_ms);
  return slowest;
}

function isGood(result) {
  return (
    ZERO_COUNTS.every((name) => result[name] === 0) &&
    result.ledger_minus_balance === '0' &&
    result.log_minus_ledger === '0' &&
    result.trial_balance.balanced === true &&
    result.step_problems.length === 0 &&
    result.slowest_catch_up_ms <= CAUGHT_UP_MS &&
    Object.keys(result.refused_or_failed).length === 0
  );
}

function countBy(names) {
  return names.reduce((counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 }), {});
}

// Rows, goals and notes of the part `product`.
import { median, rounded } from '../measure/statistics.mjs';

const RATIO_MAX = 6;
const MIB_MAX = 600;
const PROCESSES_MAX = 25;
const IDLE_MAX = 0.03;
const WARM_START_SECONDS_MAX = 5;
const ADDED_TTFT_MS_MAX = 2.5;
const CONNECTIONS = 32;

export function report(figures) {
  const { targets, rounds, single, warm, first } = figures;
  const of = (name, field) => median(rounds.map((round) => round[name][field]));
  const bareUs = of('bare proxy', 'cpuUs');
  return {
    title: `\`npm start\`, all processes and PostgreSQL (${rounds.length} rounds, 32 connections)`,
    columns: [
      '',
      'CPU µs a call',
      '× bare',
      'calls/s',
      'p50 at 1 connection, ms',
      'TTFT p50 / p99 of 16 streams, ms',
      'of the first streams, ms',
    ],
    rows: targets.map(({ name }) => [
      name,
      rounded(of(name, 'cpuUs'), 0),
      rounded(of(name, 'cpuUs') / bareUs),
      rounded(of(name, 'perSecond'), 0),
      rounded(single[name].p50Ms),
      `${rounded(warm[name].p50Ms, 1)} / ${rounded(warm[name].p99Ms, 1)}`,
      `${rounded(first[name].p50Ms, 1)} / ${rounded(first[name].p99Ms, 1)}`,
    ]),
    goals: goalsOf(figures, of('product', 'cpuUs') / bareUs),
    notes: notesOf(figures),
    figures: { ...figures, targets: targets.map(({ name }) => name), options: undefined },
  };
}

function goalsOf({ rounds, first, weight, idle, warmStartMs }, ratio) {
  const sum = (values) => Object.values(values).reduce((total, value) => total + value, 0);
  const processes = sum(Object.values(weight).map((one) => one.processes));
  const mib = sum(Object.values(weight).map((one) => one.mib));
  const added = first.product.p50Ms - first['bare proxy'].p50Ms;
  const idleShare = sum(idle);
  const last = rounds.map((round) => round.product);
  const unbilled = last.filter(({ calls, failed, billed }) => failed > 0 || billed < calls || billed > calls + CONNECTIONS);
  const goal = (text, measured, isMet) => ({ goal: text, measured, isMet });
  return [
    goal(
      'every answered call is billed once',
      `${last.map(({ calls, billed, failed }) => `${billed} of ${calls}, ${failed} failed`).join('; ')}`,
      unbilled.length === 0,
    ),
    goal('every stream is whole', `${first.product.wrong} of ${first.product.count} are not`, first.product.wrong === 0),
    goal(`≤ ${PROCESSES_MAX} processes`, String(processes), processes <= PROCESSES_MAX),
    goal(`≤ ${MIB_MAX} MiB (PSS)`, `${rounded(mib, 0)} MiB`, mib <= MIB_MAX),
    goal(`all processes ≤ ${RATIO_MAX} × the bare proxy`, `${rounded(ratio)} ×`, ratio <= RATIO_MAX),
    goal(`idle ≤ ${IDLE_MAX * 100} % of a core`, `${rounded(idleShare * 100, 1)} %`, idleShare <= IDLE_MAX),
    goal(
      `warm start ≤ ${WARM_START_SECONDS_MAX} s`,
      `${rounded(warmStartMs / 1_000, 1)} s`,
      warmStartMs <= WARM_START_SECONDS_MAX * 1_000,
    ),
    goal(`TTFT added to the first streams ≤ ${ADDED_TTFT_MS_MAX} ms, p50`, `${rounded(added, 1)} ms`, added <= ADDED_TTFT_MS_MAX),
  ];
}

function notesOf({ rounds, weight, loaded, idle, idleStatements, coldStartMs }) {
  const { perCall, statements, calls } = rounds.at(-1).product;
  const list = (entries) => entries.map((line) => `  ${line}`).join('\n');
  const weights = Object.entries(weight).map(
    ([name, { processes, mib }]) =>
      `${name}: ${processes} × , ${rounded(mib, 0)} MiB, after the load ${rounded(loaded[name]?.mib ?? 0, 0)} MiB, idle ${rounded((idle[name] ?? 0) * 100, 1)} %`,
  );
  const listed = (statements) =>
    list(statements.top.map(({ calls: times, ms, text }) => `${times} × ${rounded(ms, 0)} ms  ${text}`));
  return [
    `Statements while idle: ${rounded(idleStatements.calls / idleStatements.seconds, 1)} a second:\n${listed(idleStatements)}`,
    `First start of an empty data directory: ${rounded(coldStartMs / 1_000, 1)} s. By process:\n${list(weights)}`,
    `CPU µs a call in the last round, by process:\n${list(Object.entries(perCall).map(([name, us]) => `${name}: ${rounded(us, 0)}`))}`,
    `Statements in the last round: ${rounded(statements.calls / calls, 3)} a call, ${rounded((statements.ms * 1_000) / calls, 0)} µs a call in PostgreSQL:\n${list(
      statements.top.map(({ calls: times, ms, text }) => `${times} × ${rounded(ms, 0)} ms  ${text}`),
    )}`,
  ];
}

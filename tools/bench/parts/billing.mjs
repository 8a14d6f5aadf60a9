// The way of money: usage events from Kafka to committed ledger, in one auth-billing process, against a bare INSERT of the
// rows that it wrote; and the time from a call's end to its balance at half that rate.
import { setTimeout as delay } from 'node:timers/promises';
import { createBus } from '@ecolink/messaging';
import { startBillingBed } from '../measure/billing-bed.mjs';
import { PacedUsage, usageEvents } from '../measure/usage-events.mjs';
import { cpuMs, processTree } from '../measure/processes.mjs';
import { median, rounded } from '../measure/statistics.mjs';

const EVENTS = 60_000;
const QUICK_EVENTS = 12_000;
const WARM_UP_EVENTS = 3_000;
const PACED_SECONDS = 20;
const QUICK_PACED_SECONDS = 5;
const EVENTS_PER_SECOND_MIN = 5_000;
const SHARE_OF_BARE_MIN = 1 / 3;
const P99_MS_MAX = 1_000;
const ROWS_PER_INSERT = 500;
const TOP_STATEMENTS = 8;

export async function run(options) {
  const bed = await startBillingBed();
  const bus = createBus({ clientId: 'bench', kafkaBrokers: bed.brokers });
  try {
    await bed.startAuthBilling();
    const accounts = await bed.createAccounts();
    await bus.publish(usageEvents(accounts, WARM_UP_EVENTS));
    await bed.untilRecorded(WARM_UP_EVENTS);
    const rounds = [];
    for (let round = 0; round < options.rounds; round += 1) rounds.push(await oneRound(bed, bus, accounts, options));
    const perSecond = median(rounds.map((one) => one.perSecond));
    const paced = await pace(bed, bus, accounts, { perSecond: perSecond / 2, options });
    return report({ rounds, paced, options });
  } finally {
    await bus.close();
    await bed.stop();
  }
}

/** Events that wait in Kafka are billed as fast as one process can; then their rows are written by plain statements. */
async function oneRound(bed, bus, accounts, options) {
  const events = options.isQuick ? QUICK_EVENTS : EVENTS;
  await bed.stopAuthBilling();
  const before = await bed.recordedCount();
  await bus.publish(usageEvents(accounts, events));
  await bed.forgetStatements();
  const pid = await bed.startAuthBilling();
  const cpuBefore = cpuMs([pid]);
  const postgresBefore = cpuMs(processTree(bed.postgresPid));
  const startedAtMs = performance.now();
  await bed.untilRecorded(before + events);
  const elapsedMs = performance.now() - startedAtMs;
  const used = { node: cpuMs([pid]) - cpuBefore, postgres: cpuMs(processTree(bed.postgresPid)) - postgresBefore };
  const statements = await bed.statements(TOP_STATEMENTS);
  const { perSecond, batches } = await bed.rateOfLast(events);
  await bed.untilRelayed();
  const bare = await bed.insertBare(events, ROWS_PER_INSERT);
  return { events, perSecond, batches, elapsedMs, used, statements, bare, share: perSecond / bare };
}

/** Calls end at a steady pace and go the router's own way: journal, publisher, Kafka. */
async function pace(bed, bus, accounts, { perSecond, options }) {
  const before = await bed.recordedCount();
  const usage = new PacedUsage({ bus, accounts, perSecond });
  const sent = await usage.run((options.isQuick ? QUICK_PACED_SECONDS : PACED_SECONDS) * 1_000);
  await bed.untilRecorded(before + sent);
  await delay(100);
  await usage.close();
  return { perSecond, sent, ...(await bed.delaysOfLast(sent)) };
}

function report({ rounds, paced, options }) {
  const perSecond = median(rounds.map((one) => one.perSecond));
  const share = median(rounds.map((one) => one.share));
  const last = rounds.at(-1);
  const perEvent = (ms) => rounded((ms * 1_000) / last.events, 0);
  return {
    title: `Billing: Kafka to committed ledger, one consumer (${options.rounds} rounds of ${last.events} events)`,
    columns: [
      'round',
      'events/s',
      'bare insert of the same rows, events/s',
      'share',
      'batches',
      'node CPU µs/event',
      'PostgreSQL CPU µs/event',
    ],
    rows: rounds.map((one, index) => [
      index + 1,
      rounded(one.perSecond, 0),
      rounded(one.bare, 0),
      rounded(one.share),
      one.batches,
      perEvent(one.used.node),
      perEvent(one.used.postgres),
    ]),
    goals: [
      {
        goal: `≥ ${EVENTS_PER_SECOND_MIN} events/s (aim 10000)`,
        measured: `${rounded(perSecond, 0)}/s`,
        isMet: perSecond >= EVENTS_PER_SECOND_MIN,
      },
      {
        goal: '≥ 1/3 of a bare INSERT … SELECT unnest of the same rows',
        measured: `${rounded(share)}`,
        isMet: share >= SHARE_OF_BARE_MIN,
      },
      {
        goal: `p99 from call end to balance ≤ ${P99_MS_MAX} ms at half that rate`,
        measured: `p50 ${rounded(paced.p50Ms, 0)} ms, p99 ${rounded(paced.p99Ms, 0)} ms at ${rounded(paced.perSecond, 0)}/s`,
        isMet: paced.p99Ms <= P99_MS_MAX,
      },
    ],
    notes: [
      `Statements of the last round, by time in PostgreSQL (calls, ms in all):\n${last.statements
        .map(({ calls, ms, text }) => `  ${calls} × ${text}: ${rounded(ms, 0)} ms`)
        .join('\n')}`,
    ],
  };
}

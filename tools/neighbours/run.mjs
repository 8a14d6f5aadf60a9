// What a bystander sees while a neighbour does its worst on the same router and gateway, or on the whole product.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { describeMachine } from '../bench/measure/machine.mjs';
import { printResult } from '../bench/measure/print.mjs';
import { bystander, isMet } from './bystander.mjs';
import { startProductBed } from './product-bed.mjs';
import { ATTACKERS, startRouterBed } from './router-bed.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SETTLE_MS = 2_000;

/** Each with what its generators load in the baseline: the pods themselves, or a sink; `product` ones run on the whole product. */
const ATTACKS = {
  blank_lines: 'pod',
  blank_chunks: 'pod',
  one_byte_frames: 'pod',
  one_byte_chunks: 'pod',
  tiny_json_frames: 'pod',
  endless_line: 'pod',
  quotes: 'sink',
  open_quotes: 'sink',
  brackets: 'sink',
  white_space: 'sink',
  escapes: 'sink',
  slow_bodies: 'sink',
  silent_readers: 'pod',
  shared_slots: 'pod',
  refusals: 'sink',
  management: 'product',
  pods: 'product',
  pods_and_management: 'product',
};

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '6' },
    json: { type: 'string', default: path.join(ROOT, 'docs/measurements/neighbours.json') },
  },
});
const names = values.only?.split(',') ?? Object.keys(ATTACKS);
const unknown = names.filter((name) => ATTACKS[name] === undefined);
if (unknown.length > 0) throw new Error(`no such attack: ${unknown.join(', ')}; there are ${Object.keys(ATTACKS).join(', ')}`);
const seconds = Number(values.seconds);

const measured = {};
await measureAll(
  names.filter((name) => ATTACKS[name] !== 'product'),
  startRouterBed,
);
await measureAll(
  names.filter((name) => ATTACKS[name] === 'product'),
  startProductBed,
);
printResult(tableOf(measured));
process.exitCode = Object.values(measured).every((attack) => attack.isMet) ? 0 : 1;

async function measureAll(attacks, startBed) {
  if (attacks.length === 0) return;
  const bed = await startBed();
  try {
    // Before any attack: what follows one is not quiet at once.
    for (const name of attacks) await bed.rateOf(name);
    for (const name of attacks) {
      measured[name] = await measure(bed, name);
      const { baseline, attacked } = measured[name];
      console.log(
        `${name}: p99 ${baseline.p99_ms} -> ${attacked.p99_ms} ms, TTFT ${baseline.ttft_p99_ms} -> ${attacked.ttft_p99_ms} ms`,
      );
    }
  } finally {
    await bed.stop();
    await save();
  }
}

/** The same bystander beside the same generators, which load their own target first and the product then. */
async function measure(bed, name) {
  const perSecond = await bed.rateOf(name);
  const baseline = await beside(bed, name, ATTACKS[name]);
  const attacked = await beside(bed, name, undefined);
  return {
    measured_at: new Date().toISOString(),
    seconds,
    ...(perSecond === undefined ? {} : { per_second: perSecond }),
    baseline,
    attacked,
    isMet: isMet(baseline, attacked),
  };
}

async function beside(bed, attack, load) {
  const attacker = await bed.attack(attack, load);
  await delay(SETTLE_MS);
  try {
    return await bystander(bed.bystander, seconds);
  } finally {
    await attacker.stop();
    await delay(SETTLE_MS);
  }
}

/** Attacks that were not measured now keep what an earlier run found. Beside the figures stands the table of them, for readers. */
async function save() {
  const earlier = existsSync(values.json) ? JSON.parse(readFileSync(values.json, 'utf8')).attacks : {};
  const attacks = Object.fromEntries(
    Object.keys(ATTACKS).flatMap((name) => {
      const one = measured[name] ?? earlier[name];
      return one === undefined ? [] : [[name, one]];
    }),
  );
  mkdirSync(path.dirname(values.json), { recursive: true });
  await writeFormatted(values.json, JSON.stringify({ machine: describeMachine(), attacks }));
  await writeFormatted(values.json.replace(/\.json$/, '.md'), markdownOf(tableOf(attacks)));
}

async function writeFormatted(file, text) {
  const options = { ...(await resolveConfig(file)), filepath: file };
  writeFileSync(file, await format(text, options));
}

function markdownOf({ title, columns, rows, notes }) {
  const line = (cells) => `| ${cells.map((cell) => cell ?? 'none').join(' | ')} |`;
  const table = [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
  return `# ${title}\n\n${notes.join(' ')}\n\n${table}\n`;
}

function tableOf(attacks) {
  return {
    title: `A bystander beside ${ATTACKERS} accounts that do their worst`,
    columns: ['attack', 'p99 beside sink', 'p99 attacked', 'TTFT p99 beside sink', 'TTFT p99 attacked', 'failed', ''],
    rows: Object.entries(attacks).map(([name, { baseline, attacked, per_second: rate, isMet: met }]) => [
      rate === undefined ? name : `${name} (${rate}/s)`,
      baseline.p99_ms,
      attacked.p99_ms,
      baseline.ttft_p99_ms,
      attacked.ttft_p99_ms,
      attacked.failed,
      met ? 'met' : 'MISSED',
    ]),
    notes: [
      'Goal: within twice the baseline, and below 50 ms wherever the baseline is below 25 ms. Milliseconds.',
      'Refusals come at half the rate that the router alone refuses. All processes share one machine: read ratios, on an idle one.',
    ],
  };
}

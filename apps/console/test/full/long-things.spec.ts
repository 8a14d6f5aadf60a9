import type { ServerResponse } from 'node:http';
import type { WatchedPage } from '@ecolink/testing';
import { setStage } from '../support/stage.js';
import { json } from '../support/stand-in.js';

const TIMEOUT_MS = 300_000;
const SHOWN_TIMEOUT_MS = 120_000;
const CHUNKS_PER_SECOND = 250;
const TICK_MS = 20;
const RUNS = 3;
const SLOW_MS = 100;
const TOO_SLOW_MS = 250;
const SLOW_TASKS_MAX = 3;
const FIRST_SECOND_MS = 1_000;
const LEDGER_ROWS = 100_000;
const WINDOW = 100;
const LEDGER = 'Transactions, newest first';

const stage = setStage();
const { standIn } = stage;

/** 250 chunks a second, as a fast model streams. */
function stream(response: ServerResponse, chunks: number, chunkOf: (index: number) => string): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'x-ecolink-region': 'mv',
    'x-ecolink-request-id': 'req_0000000000000001',
  });
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(chunks, Math.floor(((performance.now() - startedAt) / 1_000) * CHUNKS_PER_SECOND));
    let frames = '';
    for (; sent < due; sent += 1) {
      frames += `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: chunkOf(sent) } }] })}\n\n`;
    }
    response.write(frames);
    if (sent < chunks) return;
    clearInterval(timer);
    response.end('data: [DONE]\n\n');
  }, TICK_MS);
  response.on('close', () => clearInterval(timer));
}

interface Slowness {
  readonly over100: number;
  readonly over250: number;
}

/** How many tasks of the page took long, from a second after the first text until the end is to be seen. */
async function slownessOf(chunks: number, chunkOf: (index: number) => string, end: string): Promise<Slowness> {
  standIn.answers.set('POST /v1/chat/completions', (_, response) => stream(response, chunks, chunkOf));
  const watched = await stage.open();
  const { page } = watched;
  await page.goto('/console/playground');
  await page.waitForSelector('[data-composer]');
  await page.evaluate(() => {
    const tasks: { at: number; ms: number }[] = [];
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ at: startTime, ms: duration });
    }).observe({ type: 'longtask', buffered: false });
    Object.assign(window, { longTasks: tasks });
  });
  await page.fill('[data-composer]', 'Go');
  await page.keyboard.press('Enter');
  await page.locator('article').last().getByText('first').first().waitFor();
  const from = (await page.evaluate(() => performance.now())) + FIRST_SECOND_MS;
  await page.getByText(end).waitFor({ timeout: SHOWN_TIMEOUT_MS });
  const tasks = await page.evaluate(() => (window as unknown as { longTasks: { at: number; ms: number }[] }).longTasks);
  await watched.context.close();
  const late = tasks.filter(({ at }) => at >= from);
  return {
    over100: late.filter(({ ms }) => ms > SLOW_MS).length,
    over250: late.filter(({ ms }) => ms > TOO_SLOW_MS).length,
  };
}

/** The median of three runs counts: what else the machine does may lengthen the tasks of one of them. */
async function expectSmooth(chunks: number, chunkOf: (index: number) => string, end: string): Promise<void> {
  const runs: Slowness[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await slownessOf(chunks, chunkOf, end));
  const median = (counts: readonly number[]): number => [...counts].sort((left, right) => left - right)[(RUNS - 1) / 2] ?? NaN;
  const [over100, over250] = [median(runs.map((run) => run.over100)), median(runs.map((run) => run.over250))];
  expect({ runs, isSmooth: over100 <= SLOW_TASKS_MAX && over250 === 0 }).toEqual({ runs, isSmooth: true });
}

it(
  'stays usable while 60,000 tokens stream at 250 chunks a second',
  async () => {
    const chunks = 15_000;
    // Four tokens a chunk; a paragraph ends every 40 chunks, every tenth is a list.
    const chunkOf = (index: number): string =>
      index === 0
        ? 'first '
        : index === chunks - 1
          ? '\n\nThe very end.'
          : index % 400 === 0
            ? '\n\n- one **bold** thing\n- `another`\n\n'
            : index % 40 === 0
              ? '\n\n'
              : 'word with some more ';
    await expectSmooth(chunks, chunkOf, 'The very end.');
  },
  TIMEOUT_MS,
);

it(
  'stays usable while a code fence of 4 MB streams',
  async () => {
    const chunks = 4_096;
    const line = `${'x = compute(values, 42)  # '.padEnd(63, '-')}\n`;
    const chunkOf = (index: number): string =>
      index === 0 ? 'first\n\n```python\n' : index === chunks - 1 ? '\n```\n\nThe very end.' : line.repeat(16);
    await expectSmooth(chunks, chunkOf, 'The very end.');
  },
  TIMEOUT_MS,
);

/** A ledger whose rows are named by their place, in windows as the API gives them. */
function answerLedger(): void {
  standIn.answers.set('GET /api/v1/billing/transactions', (request, response) => {
    const after = new URL(request.url ?? '', stage.origin).searchParams.get('after');
    const start = after === null ? 0 : Number(after.slice('txn_'.length)) + 1;
    const data = Array.from({ length: Math.min(WINDOW, LEDGER_ROWS - start) }, (_, index) => ({
      id: `txn_${start + index}`,
      account_id: 'acc_1',
      created_at: '2026-11-30T09:20:04.481Z',
      type: 'api_usage',
      amount_nano_usd: '-155150',
      balance_after_nano_usd: '41270000000',
      description: `row ${start + index}`,
      instance_id: null,
    }));
    const has_more = start + data.length < LEDGER_ROWS;
    json(response, { object: 'list', data, first_id: data[0]?.id, last_id: data.at(-1)?.id, has_more });
  });
}

async function windowsAsked(work: () => Promise<void>): Promise<number> {
  const asked = (): number => standIn.asked.filter((call) => call === 'GET /api/v1/billing/transactions').length;
  const before = asked();
  await work();
  return asked() - before;
}

it(
  'scrolls a ledger of 100,000 rows with a constant number of requests and of rows in the document for each view',
  async () => {
    answerLedger();
    const watched: WatchedPage = await stage.open();
    const { page } = watched;
    await page.goto('/console/billing');
    const region = page.getByRole('region', { name: LEDGER });
    await region.getByText('row 0', { exact: true }).waitFor();
    const views: { readonly asked: number; readonly rows: number }[] = [];
    for (const last of [99, 999, 4_999]) {
      while ((await region.getByText(`row ${last}`, { exact: true }).count()) === 0) {
        const asked = await windowsAsked(async () => {
          await region.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
          await page.waitForFunction(() => document.querySelectorAll('tbody tr').length > 0);
          await page.waitForTimeout(30);
        });
        views.push({ asked, rows: await region.locator('tbody tr').count() });
      }
    }
    await watched.context.close();
    expect(Math.max(...views.map(({ asked }) => asked))).toBeLessThanOrEqual(2);
    expect(Math.max(...views.map(({ rows }) => rows))).toBeLessThanOrEqual(60);
  },
  TIMEOUT_MS,
);

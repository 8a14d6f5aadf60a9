import { launchBrowser, openProduct, type OpenProduct, waitFor } from '@ecolink/testing';
import type { Browser, Locator, Page } from 'playwright-core';
import { PASSWORD, Visitor } from '../e2e/support/console/visitor.js';
import { buildConsoleWorld, type ConsoleWorld } from './support/console-world.js';

const SETUP_TIMEOUT_MS = 400_000;
const TIMEOUT_MS = 240_000;
const SHOWN_TIMEOUT_MS = 60_000;
const ZONES = ['Asia/Kathmandu', 'America/St_Johns'] as const;
const GROUPS = ['model', 'key', 'source_tag', 'region'] as const;
const PAGE = 100;
/** An account may make 600 management calls a minute. */
const ASK_AGAIN_MS = 500;
/** The held sum and what is left of each hold, as they are shown in the same moment. */
const HELD_AND_PARTS = `[
  [...document.querySelectorAll('dt')].find((term) => term.textContent === 'Held for instances').nextElementSibling,
  ...document.querySelectorAll('ul[aria-label="Held for instances"] li > span > span:first-child'),
].map((element) => element.textContent)`;

let opened: OpenProduct;
let browser: Browser;
let world: ConsoleWorld;

beforeAll(async () => {
  [opened, browser] = await Promise.all([openProduct(), launchBrowser()]);
  world = await buildConsoleWorld(opened.product, browser);
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  await world?.close();
  await browser?.close();
  await opened?.close();
}, SETUP_TIMEOUT_MS);

/** Nano-USD of an amount as it is shown: `$1,081.799296831`. */
function nanoOf(shown: string): bigint {
  const [, whole = '', fraction = ''] = /\$([\d,]+)(?:\.(\d+))?/.exec(shown) ?? [];
  if (whole === '') throw new Error(`no amount: ${shown}`);
  return BigInt(whole.replaceAll(',', '') + fraction.padEnd(9, '0'));
}

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

interface LedgerRow {
  readonly id: string;
  readonly type: string;
  readonly amount_nano_usd: string;
  readonly instance_id: number | null;
}

/** What calls cost by the ledger, of all or of one instance. */
async function ledgerCost(instanceId?: number): Promise<bigint> {
  const rows: LedgerRow[] = [];
  for (let after: string | undefined; ;) {
    const path = `/billing/transactions?type=api_usage&limit=${PAGE}${after === undefined ? '' : `&after=${after}`}`;
    const window = (await world.owner.call('GET', path)) as { data: LedgerRow[]; has_more: boolean; last_id: string };
    rows.push(...window.data);
    if (!window.has_more) break;
    after = window.last_id;
  }
  const own = rows.filter(({ instance_id: id }) => instanceId === undefined || id === instanceId);
  return -sumOf(own.map(({ amount_nano_usd: amount }) => BigInt(amount)));
}

/** Of the chart's table: every cell of the days, and the sums of the last row. */
async function chartSums(page: Page): Promise<{ days: bigint; totals: bigint; legend: bigint }> {
  const chart = page.locator('section', { has: page.getByRole('heading', { name: /^Cost per day/ }) });
  await chart.getByText('Show as a table').click();
  const rows = await chart
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')));
  const legend = await chart.locator('ul li').allTextContents();
  return {
    days: sumOf(rows.slice(0, -1).flat().map(nanoOf)),
    totals: sumOf((rows.at(-1) ?? []).map(nanoOf)),
    legend: sumOf(legend.map((entry) => nanoOf(entry.slice(entry.lastIndexOf('$'))))),
  };
}

async function textOf(found: Locator): Promise<string> {
  await found.first().waitFor({ timeout: SHOWN_TIMEOUT_MS });
  return (await found.first().textContent()) ?? '';
}

describe.each(ZONES)('with days in %s', (zone) => {
  beforeAll(async () => {
    await world.owner.call('PATCH', '/account', { time_zone: zone });
    const wanted = String(await ledgerCost());
    const path = '/billing/usage?from=2000-01-01&group_by=day';
    await waitFor(
      async () => {
        const report = (await world.owner.call('GET', path)) as { time_zone: string; totals: { cost_nano_usd: string } };
        return report.time_zone === zone && report.totals.cost_nano_usd === wanted;
      },
      { timeoutMs: SHOWN_TIMEOUT_MS, intervalMs: ASK_AGAIN_MS, what: `the days of ${zone}` },
    );
  }, TIMEOUT_MS);

  it(
    'every chart of costs, its legend, its table and the card say what the ledger says, to the nano-USD',
    async () => {
      const { page } = world.owner;
      const cost = await ledgerCost();
      expect(cost).toBeGreaterThan(0n);
      for (const group of GROUPS) {
        await page.goto(`/console/billing?by=${group}&range=30d`);
        await page.getByText(`days in ${zone}`).waitFor({ timeout: SHOWN_TIMEOUT_MS });
        const total = await textOf(page.getByText(/^\$[\d.]+ for \d+ calls$/));
        const card = await textOf(page.getByText(/^calls \$[\d.]+ · GPU time/));
        const sums = await chartSums(page);
        expect({ group, total: nanoOf(total), card: nanoOf(card), ...sums }).toEqual({
          ...{ group, total: cost, card: cost },
          ...{ days: cost, totals: cost, legend: cost },
        });
      }
    },
    TIMEOUT_MS,
  );

  it(
    'an instance costs the same in the list, in its own chart and in the ledger',
    async () => {
      const { page } = world.owner;
      const cost = await ledgerCost(world.llama);
      expect(cost).toBeGreaterThan(0n);
      await page.goto('/console/instances');
      const row = page.getByRole('row').filter({ hasText: `my-llama:${world.llama}` });
      const inList = await textOf(
        row
          .getByRole('cell')
          .filter({ hasText: /calls?$/ })
          .locator('span'),
      );
      await page.goto(`/console/instances/${world.llama}`);
      const chart = page.locator('figure', { hasText: 'Cost of calls' });
      const inChart = await textOf(chart.locator('strong'));
      await chart.getByText('Show as table').click();
      const points = await chart.locator('tbody td:nth-child(2)').allTextContents();
      expect({ inList: nanoOf(inList), inChart: nanoOf(inChart), points: sumOf(points.map(nanoOf)) }).toEqual({
        ...{ inList: cost, inChart: cost, points: cost },
      });
    },
    TIMEOUT_MS,
  );
});

it(
  'what is held is the sum of what is left of each hold',
  async () => {
    const { page } = world.owner;
    await page.goto('/console/billing');
    const held = page.getByRole('list', { name: 'Held for instances' });
    await held.waitFor({ timeout: SHOWN_TIMEOUT_MS });
    // One look: the next answer has other sums, since the cycle goes on.
    const [sum = '', ...parts] = await page.evaluate<string[]>(HELD_AND_PARTS);
    expect(parts.length).toBeGreaterThan(0);
    expect(nanoOf(sum)).toBe(sumOf(parts.map(nanoOf)));
  },
  TIMEOUT_MS,
);

it(
  'two tabs of one browser show one account: when one of them changes it, the other one follows and mixes nothing',
  async () => {
    const { product } = opened;
    const guest = await Visitor.arrive(browser, product, `gus-${Date.now().toString(36)}`);
    await guest.signUp('Guest House');
    await guest.call('POST', '/models', { name: 'guest-model', category: 'chat', source: { kind: 'external' } });
    await guest.page.goto(world.inviteUrl);
    await guest.press('Join Northwind AI');
    await guest.page.getByRole('button', { name: /^Northwind AI/ }).waitFor();
    const other = await guest.page.context().newPage();
    for (const page of [guest.page, other]) {
      await page.goto('/console/registry');
      await page.getByText('my-llama').first().waitFor({ timeout: SHOWN_TIMEOUT_MS });
    }
    await guest.page.getByRole('button', { name: /^Northwind AI/ }).click();
    await guest.page.getByRole('menuitem', { name: /Guest House/ }).click();
    await guest.see('guest-model');
    await other.getByText('This tab now shows Guest House.').waitFor({ timeout: SHOWN_TIMEOUT_MS });
    await other.getByRole('navigation').getByRole('link', { name: 'Registry' }).first().click();
    await other.getByText('guest-model').first().waitFor({ timeout: SHOWN_TIMEOUT_MS });
    for (const page of [guest.page, other]) expect(await page.getByText('my-llama').count()).toBe(0);
    await guest.leave();
  },
  TIMEOUT_MS,
);

it(
  'two tabs of one browser show one person: when another one signs in, the other tab is theirs, too',
  async () => {
    const { product } = opened;
    const ada = await Visitor.arrive(browser, product, `ada-${Date.now().toString(36)}`);
    await ada.signUp('Ada Works');
    const eve = await Visitor.arrive(browser, product, `eve-${Date.now().toString(36)}`);
    await eve.signUp('Eve Works');
    await eve.leave();
    const other = await ada.page.context().newPage();
    await other.goto('/console/instances');
    await other.getByRole('button', { name: /^Ada Works/ }).waitFor({ timeout: SHOWN_TIMEOUT_MS });
    await ada.page.getByRole('button', { name: new RegExp(ada.email) }).click();
    await ada.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await ada.page.getByLabel('E-mail').fill(eve.email);
    await ada.page.getByLabel('Password').first().fill(PASSWORD);
    await ada.press('Sign in');
    await ada.page.getByRole('button', { name: /^Eve Works/ }).waitFor();
    await waitFor(async () => (await other.getByText('Ada Works').count()) === 0, {
      timeoutMs: SHOWN_TIMEOUT_MS,
      what: 'nothing of the first person to be shown',
    });
    await other.goto('/console/instances');
    await other.getByRole('button', { name: /^Eve Works/ }).waitFor({ timeout: SHOWN_TIMEOUT_MS });
    await ada.leave();
  },
  TIMEOUT_MS,
);

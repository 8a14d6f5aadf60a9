import { waitFor } from '@ecolink/testing';
import type { Page } from 'playwright-core';
import { instances, list } from '../support/fixtures.js';
import { setStage } from '../support/stage.js';
import { json } from '../support/stand-in.js';

const TIMEOUT_MS = 90_000;
const stage = setStage();
const { standIn } = stage;

afterEach(() => {
  standIn.answers.clear();
  standIn.missing = undefined;
});

/** How often the page was loaded since it is watched. */
function countLoads(page: Page): () => number {
  let loads = 0;
  page.on('domcontentloaded', () => (loads += 1));
  return () => loads;
}

async function toBilling(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Billing' }).first().click();
}

describe('a tab from before an upgrade', () => {
  it(
    'reloads once, at the page that was asked for',
    async () => {
      const { page, context } = await stage.open();
      await page.goto('/console/instances?state=live');
      await page.getByText('my-llama').first().waitFor();
      const loads = countLoads(page);
      standIn.missing = { scripts: /\.js$/, untilLoad: true };
      await toBilling(page);
      await waitFor(() => loads() > 0, { timeoutMs: 30_000, what: 'the page to be loaded anew' });
      await page.getByRole('heading', { name: 'Billing', level: 1 }).waitFor();
      await context.close();
      expect(loads()).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'keeps what is typed while a link only loads ahead of its time',
    async () => {
      const { page, context } = await stage.open();
      await page.goto('/console/registry?register=new');
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('half-typed');
      const loads = countLoads(page);
      standIn.missing = { scripts: /\.js$/, untilLoad: true };
      const refused = page.waitForResponse((response) => response.status() === 404);
      await page.getByRole('navigation').getByRole('link', { name: 'Billing' }).first().dispatchEvent('mouseover');
      await refused;
      expect(await page.getByRole('dialog').getByLabel('Name', { exact: true }).inputValue()).toBe('half-typed');
      await context.close();
      expect(loads()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'says that a page cannot be shown, and does not reload for ever, where the scripts stay gone',
    async () => {
      const { page, context } = await stage.open();
      await page.goto('/console/instances');
      await page.getByText('my-llama').first().waitFor();
      const loads = countLoads(page);
      standIn.missing = { scripts: /billing-[^/]*\.js$/, untilLoad: false };
      await toBilling(page);
      await waitFor(() => loads() > 0, { timeoutMs: 30_000, what: 'the page to be loaded anew' });
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      expect(loads()).toBe(1);
      standIn.missing = undefined;
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', { name: 'Billing', level: 1 }).waitFor();
      await context.close();
    },
    TIMEOUT_MS,
  );
});

it(
  'a lost connection is told with the age of what is shown, and once it is back the page is up to date by itself',
  async () => {
    const { page, context } = await stage.open();
    const loads = countLoads(page);
    await page.goto('/console/instances');
    await page.getByText('my-llama').first().waitFor();
    standIn.answers.set('GET /api/v1/stream', (_, response) => response.destroy());
    standIn.cut();
    await page.getByText('Connection lost.').waitFor();
    await page.getByText(/^Showing what was known at \d/).waitFor();
    expect(await page.getByText('my-llama').count()).toBeGreaterThan(0);
    const renamed = instances.map((instance) => (instance['id'] === 142 ? { ...instance, model: 'my-newer:142' } : instance));
    standIn.answers.set('GET /api/v1/instances', (_, response) => json(response, list(renamed)));
    standIn.answers.delete('GET /api/v1/stream');
    await page.getByText('my-newer').first().waitFor();
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    await context.close();
    expect(loads()).toBe(1);
  },
  TIMEOUT_MS,
);

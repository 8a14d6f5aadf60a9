import AxeBuilder from '@axe-core/playwright';
import { launchBrowser, openPage, openProduct, type OpenProduct, waitFor, type WatchedPage } from '@ecolink/testing';
import type { Browser, Page } from 'playwright-core';
import { CUSTOMER, OPERATOR, type Shot, SHOWN_TIMEOUT_MS, STRANGER } from './support/console-shots.js';
import { buildConsoleWorld, type ConsoleWorld } from './support/console-world.js';

const SETUP_TIMEOUT_MS = 400_000;
const PAGE_TIMEOUT_MS = 120_000;
const REST_TIMEOUT_MS = 5_000;
const HEIGHT = 900;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Each page is loaded once and then looked at in all of them; a page that is opened finds the first. */
const LOOKS = [
  { theme: 'light', width: 1_440 },
  { theme: 'dark', width: 1_440 },
  { theme: 'dark', width: 390 },
  { theme: 'light', width: 390 },
] as const;
type Look = (typeof LOOKS)[number];

let opened: OpenProduct;
let browser: Browser;
let world: ConsoleWorld;
let customer: WatchedPage;
let stranger: WatchedPage;
let operator: WatchedPage;

beforeAll(async () => {
  [opened, browser] = await Promise.all([openProduct(), launchBrowser()]);
  world = await buildConsoleWorld(opened.product, browser);
  const { root, credentials } = opened.product;
  const storageState = await world.owner.page.context().storageState();
  customer = await openPage(browser, root, { storageState });
  stranger = await openPage(browser, root);
  operator = await openPage(browser, credentials.admin_url);
  await operator.page.goto('/operator/');
  await operator.page.getByLabel('Operator token').fill(credentials.admin_token);
  await operator.page.getByRole('button', { name: 'Open the console', exact: true }).click();
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  await world?.close();
  await browser?.close();
  await opened?.close();
}, SETUP_TIMEOUT_MS);

async function wear(page: Page, { theme, width }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await page.setViewportSize({ width, height: HEIGHT });
}

const AT_REST =
  "!document.querySelector('[aria-busy=true]') && document.getAnimations().every(({ playState }) => playState !== 'running')";

/**
 * Nothing is being loaded, nothing moves. A page that never comes to rest is looked at as it is. It is asked again from here:
 * a page that asks itself evaluates text, which its policy forbids.
 */
async function settled(page: Page): Promise<void> {
  const isAtRest = () => page.evaluate<boolean>(AT_REST);
  await waitFor(isAtRest, { timeoutMs: REST_TIMEOUT_MS, what: 'the page to come to rest' }).catch(() => undefined);
}

/** Breaches of accessibility, of the page's policy and of its width, by look; and pictures, where they are asked for. */
async function faultsOf({ page, complaints, elsewhere }: WatchedPage, name: string): Promise<Record<string, string[]>> {
  const folder = process.env['CONSOLE_PICTURES'];
  const faults: Record<string, string[]> = {};
  for (const look of LOOKS) {
    await wear(page, look);
    await settled(page);
    const picture = `${name}-${look.theme}-${look.width}`;
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${picture}.png`, animations: 'disabled' });
    // One frame and no other origin: the mode that opens no page of its own for each analysis.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(RULES).analyze();
    const broken = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`);
    const isWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');
    const found = [...broken, ...complaints.splice(0), ...elsewhere.splice(0), ...(isWide ? ['wider than its window'] : [])];
    if (found.length > 0) faults[picture] = found;
  }
  await wear(page, LOOKS[0]);
  return faults;
}

async function open({ page }: WatchedPage, { path, shows, then }: Shot): Promise<void> {
  await page.goto(`/console/${typeof path === 'string' ? path : path(world)}`);
  await page.getByText(shows).first().waitFor({ timeout: SHOWN_TIMEOUT_MS });
  await then?.(page);
}

const GUARANTEE = '%s breaks no rule of axe, loads from nowhere else, fits, and keeps to its policy, in both themes and widths';
const named = (shots: readonly Shot[]) => shots.map((shot) => [shot.name, shot] as const);

describe('of customers', () => {
  it.each(named(CUSTOMER))(
    GUARANTEE,
    async (name, shot) => {
      await open(customer, shot);
      expect(await faultsOf(customer, name)).toEqual({});
    },
    PAGE_TIMEOUT_MS,
  );
});

describe('of strangers', () => {
  it.each(named(STRANGER))(
    GUARANTEE,
    async (name, shot) => {
      await open(stranger, shot);
      expect(await faultsOf(stranger, name)).toEqual({});
    },
    PAGE_TIMEOUT_MS,
  );
});

describe('of operators', () => {
  it.each(OPERATOR.map(([path, shows]) => [path || 'overview', path, shows] as const))(
    GUARANTEE,
    async (name, path, shows) => {
      const { page } = operator;
      // A link of the page keeps the token, which a reload would lose.
      await page.locator(`nav a[href="/operator/${path}"]`).click();
      await page.getByRole('main').getByText(shows).first().waitFor({ timeout: SHOWN_TIMEOUT_MS });
      expect(await faultsOf(operator, `operator-${name}`)).toEqual({});
    },
    PAGE_TIMEOUT_MS,
  );
});

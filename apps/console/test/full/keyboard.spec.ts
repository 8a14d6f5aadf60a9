import { waitFor, type WatchedPage } from '@ecolink/testing';
import { apiKeys, list } from '../support/fixtures.js';
import { setStage } from '../support/stage.js';
import { json } from '../support/stand-in.js';

const TIMEOUT_MS = 90_000;
const TABS_MAX = 60;
const STREAM_PIECES = 60;
const PIECE_MS = 20;
const SHIFT_MAX = 0.01;

const stage = setStage();
const { standIn } = stage;
let watched: WatchedPage;

beforeEach(async () => {
  watched = await stage.open();
  watched.page.setDefaultTimeout(30_000);
}, TIMEOUT_MS);

afterEach(async () => {
  await watched.context.close();
});

interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: readonly { readonly node: Node | null }[];
}

function focusedName(): Promise<string> {
  return watched.page.evaluate(() => {
    const focused = document.activeElement;
    return focused?.getAttribute('aria-label') ?? focused?.textContent ?? '';
  });
}

/** A dialog gives the focus back once it has closed, which may be a moment after it is gone. */
async function focusIsOn(name: string): Promise<void> {
  await waitFor(async () => (await focusedName()).trim() === name, { timeoutMs: 5_000, what: `the focus on ${name}` });
}

/** Presses Tab until what is named has the focus. */
async function tabTo(name: string): Promise<void> {
  for (let presses = 0; presses < TABS_MAX; presses += 1) {
    await watched.page.keyboard.press('Tab');
    if ((await focusedName()).trim() === name) return;
  }
  throw new Error(`${name} is not reached by ${TABS_MAX} presses of Tab`);
}

it(
  'opens and leaves a dialog by keyboard alone',
  async () => {
    const { page } = watched;
    await page.goto('/console/registry');
    await page.getByText('Hugging Face').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await focusedName()).toBe('Skip to the content');
    await tabTo('Register model');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Register a model' });
    await dialog.waitFor();
    await page.keyboard.type('typed-at-once');
    expect(await dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('typed-at-once');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await focusIsOn('Register model');
  },
  TIMEOUT_MS,
);

it(
  'gives the focus back to the button of the menu that a dialog was opened from, and to the content when its row is gone',
  async () => {
    const { page } = watched;
    standIn.answers.set('DELETE /api/v1/api-keys/key_1', (_, response) => {
      standIn.answers.set('GET /api/v1/api-keys', (_request, answer) => json(answer, list(apiKeys.slice(1))));
      response.writeHead(204).end();
    });
    await page.goto('/console/keys');
    await page.getByText('production-api').first().waitFor();
    const revoke = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Actions of production-api' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Revoke' }).focus();
      await page.keyboard.press('Enter');
      const isInDialog = () => page.evaluate(() => document.activeElement?.closest('[role=dialog]') instanceof Element);
      await waitFor(isInDialog, { timeoutMs: 5_000, what: 'the focus in the dialog' });
    };
    await revoke();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await focusIsOn('Actions of production-api');
    await revoke();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const isOnContent = () => page.evaluate(() => document.activeElement?.tagName === 'MAIN');
    await waitFor(isOnContent, { timeoutMs: 5_000, what: 'the focus on the content' });
    standIn.answers.delete('GET /api/v1/api-keys');
  },
  TIMEOUT_MS,
);

it(
  'finds a page by ⌘K and Enter',
  async () => {
    const { page } = watched;
    await page.goto('/console/instances');
    await page.getByText('my-llama').first().waitFor();
    await page.keyboard.press('ControlOrMeta+K');
    await page.getByRole('textbox', { name: 'Search or jump to' }).waitFor();
    await page.keyboard.type('Billing');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Billing', level: 1 }).waitFor();
  },
  TIMEOUT_MS,
);

it(
  'keeps everything in its place while an answer streams',
  async () => {
    const { page } = watched;
    standIn.answers.set('POST /v1/chat/completions', (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let sent = 0;
      const timer = setInterval(() => {
        const content = sent % 10 === 9 ? '\n\n' : 'some words of an answer ';
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
        sent += 1;
        if (sent < STREAM_PIECES) return;
        clearInterval(timer);
        response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'The end.' } }] })}\n\ndata: [DONE]\n\n`);
      }, PIECE_MS);
    });
    await page.goto('/console/playground');
    await page.waitForSelector('[data-composer]');
    await page.fill('[data-composer]', 'Go');
    await page.keyboard.press('Enter');
    await page.getByText('some words').first().waitFor();
    await page.evaluate(() => {
      const shifts: number[] = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as LayoutShift[]) {
          // What stands below the growing text moves down with it.
          const isOfAnswer = entry.sources.every(({ node }) => node instanceof Element && node.closest('article') !== null);
          if (!entry.hadRecentInput && !isOfAnswer) shifts.push(entry.value);
        }
      }).observe({ type: 'layout-shift', buffered: false });
      Object.assign(window, { shifts });
    });
    await page.getByText('The end.').waitFor();
    const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
    expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(SHIFT_MAX);
  },
  TIMEOUT_MS,
);

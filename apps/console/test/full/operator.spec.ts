import type { Page } from 'playwright-core';
import { answerOperators, creditedTransaction, OPERATOR_TOKEN } from '../support/admin-answers.js';
import { setStage } from '../support/stage.js';
import { json } from '../support/stand-in.js';

const TIMEOUT_MS = 90_000;
const stage = setStage();
const { standIn } = stage;

beforeAll(() => answerOperators(standIn));

async function signIn(page: Page, path: string, token = OPERATOR_TOKEN): Promise<void> {
  await page.goto(`/operator/${path}`);
  await page.getByLabel('Operator token').fill(token);
  await page.getByRole('button', { name: 'Open the console' }).click();
}

it(
  'keeps the token in memory only: nothing is stored, and a reload asks again',
  async () => {
    const { page, context } = await stage.open();
    await signIn(page, 'accounts', 'wrong');
    await page.getByText('This token is not valid.').waitFor();
    await signIn(page, 'accounts');
    await page.getByText('Northwind AI').first().waitFor();
    const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
    await page.reload();
    await page.getByLabel('Operator token').waitFor();
    await context.close();
    expect(stored).not.toContain(OPERATOR_TOKEN);
  },
  TIMEOUT_MS,
);

it(
  'credits an account only after a reason and a review, and shows the line of the audit log',
  async () => {
    const sent: { readonly body: unknown; readonly key: unknown }[] = [];
    standIn.answers.set('POST /admin/v1/accounts/acc_1/credits', (request, response, body) => {
      sent.push({ body: JSON.parse(body), key: request.headers['idempotency-key'] });
      json(response, creditedTransaction, 201);
    });
    const { page, context } = await stage.open();
    await signIn(page, 'accounts');
    await page.getByRole('button', { name: 'Actions of Northwind AI' }).click();
    await page.getByRole('menuitem', { name: 'Credit account' }).click();
    await page.getByLabel('Amount in dollars').fill('12.5');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByText('Must not be empty.').waitFor();
    await page.getByLabel('Reason').fill('Outage of 29 November');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByText('Outage of 29 November').waitFor();
    expect(sent).toEqual([]);
    await page.getByRole('button', { name: 'Credit account' }).click();
    await page.getByText('Audit log: ops-oncall').waitFor();
    await context.close();
    expect(sent).toEqual([
      {
        body: { amount_nano_usd: '12500000000', type: 'admin_correction', reason: 'Outage of 29 November' },
        key: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  },
  TIMEOUT_MS,
);

it(
  'names the instances that would lose their last region before it drains one',
  async () => {
    const { page, context } = await stage.open();
    await signIn(page, 'regions');
    await page.getByRole('button', { name: 'Drain… mv' }).click();
    await page.getByText(/lose(s)? (its|their) last region/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await context.close();
    expect(standIn.asked).not.toContain('PATCH /admin/v1/regions/mv');
  },
  TIMEOUT_MS,
);

it(
  'deletes an account only once its name is typed',
  async () => {
    let deleted = 0;
    standIn.answers.set('DELETE /admin/v1/accounts/acc_1', (_, response) => {
      deleted += 1;
      json(response, {});
    });
    const { page, context } = await stage.open();
    await signIn(page, 'accounts');
    await page.getByRole('button', { name: 'Actions of Northwind AI' }).click();
    await page.getByRole('menuitem', { name: 'Delete account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete Northwind AI?' });
    await dialog.getByLabel('Type Northwind AI to confirm').fill('Northwind');
    await dialog.getByRole('button', { name: 'Review' }).click();
    await dialog.getByText('This is not what was asked for.').waitFor();
    await dialog.getByLabel('Type Northwind AI to confirm').fill('Northwind AI');
    await dialog.getByRole('button', { name: 'Review' }).click();
    expect(deleted).toBe(0);
    await dialog.getByRole('button', { name: 'Delete account' }).click();
    await dialog.waitFor({ state: 'detached' });
    await context.close();
    expect(deleted).toBe(1);
  },
  TIMEOUT_MS,
);

import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import {
  launchBrowser,
  mustSucceed,
  openProduct,
  type OpenProduct,
  podAddress,
  type ProductClient,
  waitFor,
} from '@ecolink/testing';
import type { Browser } from 'playwright-core';
import { runShell, runTypeScript } from './support/console/run-code.js';
import { PASSWORD, Visitor } from './support/console/visitor.js';

const SETUP_TIMEOUT_MS = 150_000;
const JOURNEY_TIMEOUT_MS = 300_000;
const DOLLARS_5 = '5000000000';
const PRICES = { input_nano_usd_per_1m_tokens: '50000000', output_nano_usd_per_1m_tokens: '80000000' };
/** From a change until the router counts with it, on a machine that may be busy. */
const PUSHED = { timeoutMs: 45_000, intervalMs: 50 };
/** Slow enough to lose a session in the middle of an answer. */
const TOKENS_PER_SECOND = 25;

let opened: OpenProduct;
let product: ProductClient;
let browser: Browser;
const visitors: Visitor[] = [];
const pods: ModelSimulator[] = [];

beforeAll(async () => {
  [opened, browser] = await Promise.all([openProduct(), launchBrowser()]);
  ({ product } = opened);
}, SETUP_TIMEOUT_MS);

afterEach(async () => {
  const misdeeds = visitors.flatMap((visitor) => visitor.misdeeds());
  for (const visitor of visitors) await visitor.picture();
  for (const visitor of visitors.splice(0)) await visitor.leave();
  for (const pod of pods.splice(0)) await pod.close();
  expect(misdeeds).toEqual([]);
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  await browser?.close();
  await opened?.close();
}, SETUP_TIMEOUT_MS);

async function arrive(name: string): Promise<Visitor> {
  // A given product keeps the accounts of earlier runs.
  const visitor = await Visitor.arrive(browser, product, `${name}-${Date.now().toString(36)}`);
  visitors.push(visitor);
  return visitor;
}

async function pod(model: string, tokensPerSecond = 0): Promise<ModelSimulator> {
  const started = await startModelSimulator({ ...podAddress(), model, ttftMs: 5, tokensPerSecond });
  pods.push(started);
  return started;
}

async function credit(visitor: Visitor, amount = DOLLARS_5): Promise<void> {
  const { active_account_id: id } = await visitor.call('GET', '/me');
  const body = { amount_nano_usd: amount, type: 'admin_correction', reason: 'journeys' };
  await mustSucceed(product.admin('POST', `/accounts/${String(id)}/credits`, body));
}

function price(model: string): Promise<unknown> {
  return mustSucceed(product.admin('PATCH', `/instances/${model.split(':')[1] ?? ''}`, { prices: PRICES }));
}

describe('in a browser in front of the product', () => {
  it(
    'a newcomer signs up, registers a model, launches it on GPUs, chats, and finds the call in the ledger',
    async () => {
      const ada = await arrive('ada');
      await ada.signUp('Lovelace Research');
      await credit(ada);
      await ada.see('Three steps to the first call');
      await ada.press('Register a model');
      const dialog = ada.page.getByRole('dialog');
      await dialog.getByLabel('Name', { exact: true }).fill('analyst');
      await dialog.getByLabel('Repository').fill('journeys/analyst');
      await ada.press('Register model');
      await ada.see('Hugging Face');
      await ada.go('Model Instances');
      await ada.press('Launch an instance');
      await ada.see('What it costs');
      await ada.button(/^Launch/).click();
      const model = await ada.openInPlayground('analyst');
      await price(model);
      const answer = await ada.ask('What is an engine?');
      await answer.getByText(/^\$0\.0*[1-9]/).waitFor();
      const cost = await answer.getByText(/^\$0\.0*[1-9]/).textContent();
      await ada.go('Billing');
      const row = ada.page.getByRole('row').filter({ hasText: model });
      await row.getByText('API usage').first().waitFor();
      expect(await row.first().textContent()).toContain(`−${cost ?? ''}`);
    },
    JOURNEY_TIMEOUT_MS,
  );

  it(
    'an owner invites, the guest joins, switches between both accounts, and pays with the one that is shown',
    async () => {
      const olga = await arrive('olga');
      await olga.signUp('Orbital Ltd');
      await credit(olga);
      const model = await olga.launchExternal('shared', (await pod('shared')).url);
      await price(model);
      await olga.go('Users');
      await olga.press('Invite');
      await olga.press('Create link');
      const link = await olga.page.getByRole('dialog').locator('code').textContent();

      const gus = await arrive('gus');
      await gus.signUp('Guest House');
      await credit(gus);
      await gus.page.goto(link ?? '');
      await gus.press('Join Orbital Ltd');
      await gus.page.getByRole('button', { name: /^Orbital Ltd Member/ }).waitFor();
      await gus.go('Playground');
      await gus.page.getByPlaceholder(`Message ${model}`).waitFor();
      const answer = await gus.ask('Hello from a guest');
      await answer.getByText(/^\$0\.0*[1-9]/).waitFor();

      await gus.page.getByRole('button', { name: /^Orbital Ltd/ }).click();
      await gus.page.getByRole('menuitem', { name: /Guest House/ }).click();
      await gus.page.getByRole('button', { name: /^Guest House/ }).waitFor();
      await gus.go('Playground');
      const platform = 'meta-llama/Llama-3.1-8B-Instruct';
      await gus.page.getByPlaceholder(`Message ${platform}`).waitFor();
      await (await gus.ask('Hello from home')).getByText(/^\$0\.0*[1-9]/).waitFor();
      await gus.go('Requests');
      const rows = gus.page.getByRole('row').filter({ hasText: 'chat' });
      await rows.filter({ hasText: platform }).waitFor();
      expect(await rows.count()).toBe(1);
    },
    JOURNEY_TIMEOUT_MS,
  );

  it(
    'without balance a call is refused with 402; after a top-up the same message is served',
    async () => {
      const pia = await arrive('pia');
      await pia.signUp('Penniless');
      const model = await pia.launchExternal('thrifty', (await pod('thrifty')).url);
      await price(model);
      await credit(pia, '-1000000000');
      const { key } = await pia.call('POST', '/api-keys', { name: 'look' });
      const body = { model, messages: [{ role: 'user', content: 'Hi' }] };
      const isEmpty = async () => (await product.request('/v1/chat/completions', { key, body })).status === 402;
      await waitFor(isEmpty, { ...PUSHED, what: 'the empty balance to count' });
      const refused = await pia.ask('Can I pay later?');
      await refused.getByText('402 insufficient_balance').waitFor();
      await refused.getByRole('button', { name: 'Top up' }).click();
      await pia.press(/^Pay \$25/);
      await pia.see('Payment received');
      await pia.page.goBack();
      await pia.see('Can I pay later?');
      await pia.press('Try again');
      await pia.page
        .locator('article')
        .last()
        .getByText(/^\$0\.0*[1-9]/)
        .waitFor();
      expect(await pia.page.getByRole('alert').filter({ hasText: '402' }).count()).toBe(0);
    },
    JOURNEY_TIMEOUT_MS,
  );

  it(
    'a key is shown once, serves what it is limited to, and is refused with 401 once it is revoked',
    async () => {
      const kim = await arrive('kim');
      await kim.signUp('Keyring');
      await credit(kim);
      const mine = await kim.launchExternal('mine', (await pod('mine')).url);
      await kim.go('API Keys');
      await kim.press('Create key');
      const dialog = kim.page.getByRole('dialog');
      await dialog.getByLabel('Name', { exact: true }).fill('narrow');
      await dialog.getByLabel('Only these models').first().check();
      await dialog.getByRole('combobox', { name: 'Only these models' }).fill(mine);
      await kim.page.keyboard.press('Enter');
      await kim.press('Create key');
      const secret = await kim.page
        .getByRole('dialog')
        .getByText(/^eco_[^…]+$/)
        .textContent();
      await kim.page.getByLabel('I have stored the key').check();
      await kim.press('Done');
      await kim.see('limited by model');
      expect(await kim.page.content()).not.toContain(secret);

      const statusOf = async (model: string): Promise<number> => {
        const body = { model, messages: [{ role: 'user', content: 'Hi' }] };
        return (await product.request('/v1/chat/completions', { key: secret ?? '', body })).status;
      };
      await waitFor(async () => (await statusOf(mine)) === 200, { ...PUSHED, what: 'the new key to be known' });
      expect(await statusOf('meta-llama/Llama-3.1-8B-Instruct')).toBe(403);
      await kim.press('Actions of narrow');
      await kim.page.getByRole('menuitem', { name: 'Revoke' }).click();
      await kim.press('Revoke');
      await kim.page.getByRole('dialog').waitFor({ state: 'detached' });
      await waitFor(async () => (await statusOf(mine)) === 401, { ...PUSHED, what: 'the revoked key to be refused' });
    },
    JOURNEY_TIMEOUT_MS,
  );

  it(
    'a refused call is found by the id in its headers',
    async () => {
      const rob = await arrive('rob');
      await rob.signUp('Refusals Inc');
      const { key } = await rob.call('POST', '/api-keys', { name: 'ci' });
      const body = { model: 'no-such-model', messages: [{ role: 'user', content: 'Hi' }] };
      const refused = await product.request('/v1/chat/completions', { key, body });
      expect(refused.status).toBe(404);
      const id = refused.headers.get('x-ecolink-request-id') ?? '';
      await rob.page.keyboard.press('ControlOrMeta+K');
      await rob.page.getByRole('textbox', { name: 'Search' }).fill(id);
      await rob.page.keyboard.press('Enter');
      const drawer = rob.page.getByRole('dialog', { name: 'Request' });
      await drawer.getByText('model_not_found').waitFor();
      expect(await drawer.textContent()).toContain('ci');
    },
    JOURNEY_TIMEOUT_MS,
  );

  it(
    'a session that ends in a form and in a stream is taken up again, and nothing is lost',
    async () => {
      const sue = await arrive('sue');
      await sue.signUp('Session Works');
      await credit(sue);
      await price(await sue.launchExternal('steady', (await pod('steady', TOKENS_PER_SECOND)).url));
      const answer = await sue.ask('Tell me a long story');
      await answer.getByText('TTFT').waitFor();
      await endSessions(sue);
      await signInAgain(sue);
      await answer.getByText(/^\$0\.0*[1-9]/).waitFor();
      expect(await sue.page.getByRole('alert').count()).toBe(0);

      await sue.go('Registry');
      await sue.press('Register model');
      const dialog = sue.page.getByRole('dialog', { name: 'Register a model' });
      await dialog.getByLabel('Name', { exact: true }).fill('half-typed');
      await dialog.getByLabel('Repository').fill('journeys/half-typed');
      await endSessions(sue);
      await sue.press('Register model');
      await signInAgain(sue);
      await dialog.waitFor({ state: 'detached' });
      await sue.see('half-typed');
    },
    JOURNEY_TIMEOUT_MS,
  );

  it(
    'the code that is shown runs as pasted',
    async () => {
      const tia = await arrive('tia');
      await tia.signUp('Type & Paste');
      const { key } = await tia.call('POST', '/api-keys', { name: 'pasted' });
      await tia.page.goto('/console/playground?view=code');
      const drawer = tia.page.getByRole('dialog', { name: 'View code' });
      const shown = async (language: string): Promise<string> => {
        await drawer.getByRole('tab', { name: language }).click();
        return (await drawer.getByRole('tabpanel', { name: language }).locator('pre').textContent()) ?? '';
      };
      expect(await runShell(await shown('curl'), key)).toMatch(/"delta":.*data: \[DONE\]/s);
      expect(await runTypeScript(await shown('TypeScript'), key)).toContain('You said: "Hello"');
    },
    JOURNEY_TIMEOUT_MS,
  );
});

/** As the person does on another device. */
async function endSessions(visitor: Visitor): Promise<void> {
  const body = { email: visitor.email, password: PASSWORD };
  const elsewhere = await fetch(`${product.root}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.root },
    body: JSON.stringify(body),
  });
  const cookie = elsewhere.headers.get('set-cookie')?.split(';')[0] ?? '';
  const ended = await fetch(`${product.root}/api/v1/me/sessions`, {
    method: 'DELETE',
    headers: { cookie, origin: product.root },
  });
  expect(ended.status).toBeLessThan(300);
}

async function signInAgain(visitor: Visitor): Promise<void> {
  const dialog = visitor.page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.getByLabel('Password').first().fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached' });
}

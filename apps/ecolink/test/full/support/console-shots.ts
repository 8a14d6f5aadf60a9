import type { Page } from 'playwright-core';
import type { ConsoleWorld } from './console-world.js';

export const SHOWN_TIMEOUT_MS = 45_000;

export interface Shot {
  readonly name: string;
  readonly path: string | ((world: ConsoleWorld) => string);
  readonly shows: string | RegExp;
  /** What a person does before it is looked at. */
  readonly then?: (page: Page) => Promise<void>;
}

const QUESTION = 'What is a region gateway, and what does it know of the pods behind it?';

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).last().click();
}

export const CUSTOMER: readonly Shot[] = [
  { name: 'instances', path: 'instances', shows: 'qwen-coder' },
  { name: 'instances-none', path: 'instances?q=nothing', shows: 'No instance matches' },
  { name: 'instance', path: ({ llama }) => `instances/${llama}`, shows: 'Time to first token' },
  { name: 'instance-missing', path: 'instances/999999', shows: /not found|no instance/i },
  {
    name: 'launch',
    path: 'instances?launch=new',
    shows: 'Left after launch',
    then: async (page) => {
      await page.getByRole('button', { name: /^L4 / }).click();
      await page.getByRole('button', { name: /^Launch and hold \$19/ }).waitFor();
    },
  },
  { name: 'registry', path: 'registry', shows: 'Hugging Face' },
  { name: 'register', path: 'registry?register=new', shows: 'Register a model' },
  { name: 'keys', path: 'keys', shows: /of \$0\.005/ },
  { name: 'key-create', path: 'keys?create=new', shows: 'Create a key' },
  { name: 'users', path: 'users', shows: 'Open invites' },
  { name: 'settings', path: 'settings', shows: 'Sign out everywhere' },
  {
    name: 'settings-totp',
    path: 'settings',
    shows: 'Sign out everywhere',
    then: async (page) => {
      await press(page, 'Set up');
      await page.getByRole('img', { name: 'QR code of the secret' }).waitFor();
    },
  },
  { name: 'settings-account', path: 'settings?tab=account', shows: 'Time zone' },
  { name: 'settings-alerts', path: 'settings?tab=alerts', shows: 'ops@northwind.example' },
  { name: 'settings-audit', path: 'settings?tab=audit', shows: 'api_key.created' },
  { name: 'billing', path: 'billing', shows: 'API usage' },
  { name: 'top-up', path: 'billing?dialog=top-up', shows: 'Pay $25.00' },
  { name: 'requests', path: 'requests', shows: 'model_not_found' },
  {
    name: 'request',
    path: ({ refusedId }) => `requests?request=${refusedId}`,
    shows: 'It was refused before it reached a model.',
  },
  { name: 'messages', path: 'messages', shows: /joined|terminated/ },
  { name: 'playground', path: 'playground', shows: 'Ask something' },
  {
    name: 'playground-answer',
    path: ({ llama }) => `playground?model=my-llama:${llama}`,
    shows: 'Ask something',
    then: async (page) => {
      await page.locator('[data-composer]').fill(QUESTION);
      await page.locator('[data-composer]').press('Enter');
      await page.locator('article').last().getByText(/^\$/).waitFor({ timeout: SHOWN_TIMEOUT_MS });
    },
  },
  { name: 'playground-image', path: 'playground?tab=image', shows: 'Image' },
  { name: 'playground-embeddings', path: 'playground?tab=embeddings', shows: 'How alike are texts?' },
  { name: 'playground-reranker', path: 'playground?tab=reranker', shows: 'Reranker' },
  { name: 'playground-audio', path: 'playground?tab=audio', shows: 'Audio' },
  { name: 'playground-video', path: 'playground?tab=video', shows: 'Video' },
  { name: 'playground-code', path: 'playground?view=code', shows: 'ECOLINK_API_KEY' },
  {
    name: 'playground-compare',
    path: ({ llama }) => `playground?model=my-llama:${llama}&compare=["meta-llama/Llama-3.1-8B-Instruct"]`,
    shows: 'meta-llama/Llama-3.1-8B-Instruct',
    then: async (page) => {
      await page.locator('[data-composer]').fill('Which of you is faster?');
      await page.locator('[data-composer]').press('Enter');
      await page.locator('article').nth(1).waitFor();
      // Balance and burn rate in the side bar, and a cost of each answer.
      await page.getByText(/^\$/).filter({ visible: true }).nth(3).waitFor({ timeout: SHOWN_TIMEOUT_MS });
    },
  },
  {
    name: 'playground-picker',
    path: 'playground',
    shows: 'Ask something',
    then: async (page) => {
      await page.locator('[data-model-picker]').click();
      await page.getByText('Your instances').waitFor();
    },
  },
];

export const STRANGER: readonly Shot[] = [
  { name: 'login', path: 'login', shows: 'to your inference console' },
  { name: 'sign-up', path: 'login?mode=signup', shows: 'Company or team' },
  { name: 'forgot', path: 'login?mode=forgot', shows: 'Send the link' },
  { name: 'invite', path: ({ inviteUrl }) => `invite/${inviteUrl.split('/').at(-1) ?? ''}`, shows: 'Join Northwind AI' },
  { name: 'invite-gone', path: 'invite/never-made', shows: /was used or has expired/ },
  { name: 'reset', path: 'reset-password/never-made', shows: 'New password' },
];

/** Each page of the operators' console, by its path. */
export const OPERATOR: readonly (readonly [path: string, shows: string | RegExp])[] = [
  ['', 'The books balance.'],
  ['accounts', 'Northwind AI'],
  ['users', 'mira.okafor'],
  ['instances', 'my-llama'],
  ['regions', 'Mountain View'],
  ['platform-models', 'Llama 3.1 8B'],
  ['gpu-types', 'L40S'],
  ['plans', 'pay-as-you-go'],
  ['ledger', 'Top-up'],
  ['reconcile', 'Computes balances'],
  ['dead-letters', /dead letter|Nothing/i],
  ['audit-log', /\/admin\/v1\//],
];

import type { WatchedPage } from '@ecolink/testing';
import { setStage } from '../support/stage.js';
import { json, refuse, streamAnswer } from '../support/stand-in.js';

const TIMEOUT_MS = 90_000;
const CHAT = 'POST /v1/chat/completions';
const billed = {
  id: 'call_1',
  units: { input_tokens: 12, output_tokens: 34 },
  estimated: false,
  cost_nano_usd: '155150',
  region: 'mv',
};
const stage = setStage();
const { standIn } = stage;
let watched: WatchedPage;

beforeAll(() => {
  standIn.answers.set('GET /api/v1/billing/calls', (_, response) =>
    json(response, { object: 'list', data: [billed], first_id: null, last_id: null, has_more: false }),
  );
});

beforeEach(async () => {
  watched = await stage.open();
  watched.page.setDefaultTimeout(30_000);
  await watched.page.goto('/console/playground');
}, TIMEOUT_MS);

afterEach(async () => {
  await watched.context.close();
  expect([watched.complaints, watched.elsewhere]).toEqual([[], []]);
});

async function ask(message: string): Promise<void> {
  await watched.page.fill('[data-composer]', message);
  await watched.page.keyboard.press('Enter');
}

it(
  'streams an answer, and shows its region, tokens and the cost that the ledger has',
  async () => {
    standIn.answers.set(CHAT, (_, response) => streamAnswer(response, ['Hello **you**', '\n\n```python\nprint(1)\n```\n']));
    await ask('Hi');
    const answer = watched.page.locator('article').last();
    await answer.getByText('$0.00015515').waitFor();
    expect(await answer.locator('strong').first().textContent()).toBe('you');
    expect(await answer.textContent()).toMatch(/mv.*TTFT.*12 in.*34 out/);
    expect(await answer.locator('pre').textContent()).toContain('print(1)');
  },
  TIMEOUT_MS,
);

it(
  'makes nothing run, load or lead elsewhere, whatever a model writes',
  async () => {
    const hostile = [
      '![x](https://evil.example/pixel.png) <img src=https://evil.example/2.png onerror=alert(1)> ',
      '[click](javascript:alert(1)) [data](data:text/html,<script>alert(1)</script>) <script>alert(1)</script>\n\n',
      '<svg onload=alert(1)> ![s](data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=) [fine](https://example.com)\n\n',
      `${'- '.repeat(10_000)}deep\n\n`,
      'The end.',
    ];
    standIn.answers.set(CHAT, (_, response) => streamAnswer(response, hostile));
    let alerts = 0;
    watched.page.on('dialog', (dialog) => {
      alerts += 1;
      void dialog.dismiss();
    });
    await ask('Be hostile');
    const answer = watched.page.locator('article').last();
    await answer.getByText('The end.').waitFor();
    // The text is there before the chunk that renders it.
    await answer.getByRole('link', { name: 'fine' }).waitFor();
    expect(await answer.locator('img, script, iframe, object').count()).toBe(0);
    const links = await answer.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(links).toContain('https://example.com');
    // The console's own link to the request is none of the model's.
    expect(links.filter((href) => !/^https:\/\/|^\/console\/requests\?/.test(href))).toEqual([]);
    expect(alerts).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'says what a refusal is, and where it leads on',
  async () => {
    standIn.answers.set(CHAT, (_, response) => refuse(response, 402, 'insufficient_balance', 'the balance is used up'));
    await ask('Hi');
    const alert = watched.page.getByRole('alert');
    await alert.getByText('402 insufficient_balance').waitFor();
    expect(await alert.getByRole('button').allTextContents()).toEqual(['Top up', 'Try again']);
    standIn.answers.set(CHAT, (_, response) => streamAnswer(response, ['Served.']));
    await alert.getByRole('button', { name: 'Try again' }).click();
    await watched.page.getByText('Served.').waitFor();
    expect(await watched.page.getByRole('alert').count()).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'sends a call that came too fast once more by itself',
  async () => {
    let calls = 0;
    standIn.answers.set(CHAT, (_, response) => {
      calls += 1;
      if (calls === 1) refuse(response, 429, 'rate_limit_exceeded', 'too many requests', { 'retry-after': '1' });
      else streamAnswer(response, ['After a while.']);
    });
    await ask('Hi');
    await watched.page.getByText('After a while.').waitFor();
    expect(calls).toBe(2);
  },
  TIMEOUT_MS,
);

it(
  'closes the connection when it is told to stop, and keeps what arrived',
  async () => {
    let closed = false;
    standIn.answers.set(CHAT, (_, response) => {
      streamAnswer(response, ['Once upon a time'], false);
      response.on('close', () => (closed = true));
    });
    await ask('Tell me a story');
    await watched.page.getByText('Once upon a time').waitFor();
    await watched.page.getByRole('button', { name: 'Stop' }).click();
    await watched.page.getByText('stopped').waitFor();
    expect(closed).toBe(true);
    expect(await watched.page.locator('article').last().textContent()).toContain('Once upon a time');
  },
  TIMEOUT_MS,
);

it(
  'holds running OpenAI-compatible instances of the category and platform models, never custom ones',
  async () => {
    await watched.page.locator('[data-model-picker]').click();
    const dialog = watched.page.getByRole('dialog');
    await dialog.waitFor();
    expect(
      (await dialog.getByRole('button').allTextContents()).map((option) => /^[^\d]+:\d{3}|^[\w/.-]+Instruct/.exec(option)?.[0]),
    ).toEqual(['my-llama:142', 'qwen-coder:157', 'meta-llama/Llama-3.1-8B-Instruct']);
  },
  TIMEOUT_MS,
);

it(
  'keeps a conversation over a reload, and no key in the browser',
  async () => {
    standIn.answers.set(CHAT, (_, response) => streamAnswer(response, ['Remember this.']));
    await ask('Hi');
    await watched.page.getByText('$0.00015515').first().waitFor();
    await watched.page.reload();
    await watched.page.getByText('Remember this.').waitFor();
    const stored = await watched.page.evaluate(
      () => JSON.stringify(Object.entries(localStorage)) + JSON.stringify(Object.entries(sessionStorage)),
    );
    expect(stored).not.toContain('eco_');
  },
  TIMEOUT_MS,
);

it(
  'goes on after a session has ended, with nothing lost',
  async () => {
    standIn.answers.set(CHAT, (_, response) => streamAnswer(response, ['Signed in again.']));
    await watched.page.waitForSelector('[data-composer]');
    standIn.signedIn = false;
    await ask('Hi');
    const dialog = watched.page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByLabel('Password').first().fill('correct horse');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await watched.page.getByText('Signed in again.').waitFor();
    expect(await watched.page.getByText('You: Hi', { exact: true }).count()).toBe(1);
  },
  TIMEOUT_MS,
);

import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import {
  type Customer,
  mustSucceed,
  newCustomer,
  podAddress,
  startProduct,
  type StartedProduct,
  waitFor,
} from '@ecolink/testing';

const TIMEOUT_MS = 180_000;
/** What `npm start` writes down on purpose, readable by its owner only. */
const MEANT_FOR_THEIR_OWNER = new Set(['credentials.json']);
/** Longer than any mark, so that one that two pieces share is found. */
const OVERLAP_BYTES = 128;

let product: StartedProduct;
let customer: Customer;
let pod: ModelSimulator;

/** Texts that stand nowhere else. */
const mark = (what: string): string => `mark-${what}-${randomBytes(12).toString('hex')}`;
const PROMPTS = {
  whole: mark('whole'),
  stream: mark('stream'),
  responses: mark('responses'),
  custom: mark('custom'),
  refused: mark('refused'),
};
const POD_KEY = mark('pod-key');

beforeAll(async () => {
  product = await startProduct();
  customer = await newCustomer(product);
  pod = await startModelSimulator({ ...podAddress(), model: 'm', apiKey: POD_KEY, ttftMs: 1, tokensPerSecond: 0 });
}, TIMEOUT_MS);

afterAll(async () => {
  await product?.remove();
  await pod?.close();
}, TIMEOUT_MS);

describe('what is kept of a call', () => {
  it(
    'is no prompt, no answer and no secret: not in the database, the journals, the bus, the logs, the metrics or any error',
    async () => {
      const instance = await customer.launchAndWait([{ region: 'mv', url: pod.url, api_key: POD_KEY }], {
        name: 'm',
        launch: { custom_api_path: '/' },
      });
      const answers = await callInEveryWay(instance);
      // An answer repeats its prompt, so a mark stands for both; what is looked for was really there.
      expect(
        answers.filter((answer) => Object.values(PROMPTS).some((prompt) => answer.includes(prompt))).length,
      ).toBeGreaterThanOrEqual(4);
      expect(pod.requests().some(({ headers }) => headers.some(([, value]) => value.includes(POD_KEY)))).toBe(true);
      await waitFor(async () => (await rowsOf(instance.model)) >= 5, {
        ...{ timeoutMs: 60_000, intervalMs: 250, what: 'the calls in the request log' },
      });

      const secrets = { podKey: POD_KEY, key: customer.key, managementKey: customer.managementKey };
      expect(await shownIn(secrets)).toEqual([]);
      await product.stop();
      expect(await findInFiles(product.dataDirectory, { ...PROMPTS, ...secrets })).toEqual([]);
      const output = product.output();
      expect(Object.values({ ...PROMPTS, ...secrets }).filter((text) => output.includes(text))).toEqual([]);
      // The search itself finds what is there.
      expect(await findInFiles(product.dataDirectory, { account: customer.accountId })).not.toEqual([]);
    },
    TIMEOUT_MS,
  );
});

async function callInEveryWay({ id, model }: { id: number; model: string }): Promise<string[]> {
  const message = (content: string): object => ({ messages: [{ role: 'user', content }] });
  const ask = async (where: string, body: object): Promise<string> => (await customer.request(where, { body })).text;
  return [
    await ask('/v1/chat/completions', { model, ...message(PROMPTS.whole) }),
    // Of a stream each piece has a few letters: joined they are the text.
    contentOf(await ask('/v1/chat/completions', { model, stream: true, ...message(PROMPTS.stream) })),
    await ask('/v1/responses', { model, input: PROMPTS.responses }),
    await ask(`/inference-instances/${id}/proxy/generate`, { prompt: PROMPTS.custom }),
    // Refused by the pod, and by the product.
    await ask('/v1/chat/completions', { model, n: -1, ...message(PROMPTS.refused) }),
    await ask('/v1/chat/completions', { model: 'm:999999', ...message(PROMPTS.refused) }),
    await ask('/v1/embeddings', { model, input: PROMPTS.refused }),
  ];
}

function contentOf(stream: string): string {
  return [...stream.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => JSON.parse(`"${piece}"`) as string).join('');
}

async function rowsOf(model: string): Promise<number> {
  const { body } = await mustSucceed(customer.manage('GET', `/requests?model=${encodeURIComponent(model)}&limit=100`));
  return body.data.length as number;
}

/** Names of the marks that metrics, events, errors or management answers show. */
async function shownIn(secrets: Readonly<Record<string, string>>): Promise<string[]> {
  const { admin_url: adminUrl, admin_token: token } = product.credentials;
  const pages = [
    '/metrics',
    '/admin/v1/instances',
    '/admin/v1/audit-log',
    '/admin/v1/events?topic=ecolink.usage.recorded.v1&limit=100',
  ];
  const texts = await Promise.all(
    pages.map(async (page) => await (await fetch(adminUrl + page, { headers: { authorization: `Bearer ${token}` } })).text()),
  );
  const managed = ['/instances', '/api-keys', '/requests', '/billing/calls', '/audit-log'];
  for (const page of managed) texts.push((await customer.manage('GET', page)).text);
  return Object.entries({ ...PROMPTS, ...secrets })
    .filter(([, text]) => texts.some((shown) => shown.includes(text)))
    .map(([name]) => name);
}

/** Which marks stand in which files below a directory. */
async function findInFiles(directory: string, marks: Readonly<Record<string, string>>): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || MEANT_FOR_THEIR_OWNER.has(entry.name)) continue;
    const file = path.join(entry.parentPath, entry.name);
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(file)) {
      const piece = Buffer.concat([rest, chunk as Buffer]);
      for (const [name, text] of Object.entries(marks)) if (piece.includes(text)) found.push(`${name} in ${file}`);
      rest = piece.subarray(-OVERLAP_BYTES);
    }
  }
  return [...new Set(found)];
}

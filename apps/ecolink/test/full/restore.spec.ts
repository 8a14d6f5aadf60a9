import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startModelSimulator } from '@ecolink/model-simulator';
import {
  isProductGiven,
  mustSucceed,
  newCustomer,
  type StartedProduct,
  startProduct,
  temporaryDirectory,
  waitFor,
} from '@ecolink/testing';

const run = promisify(execFile);
const GUIDE = fileURLToPath(new URL('../../../../docs/guides/operations.md', import.meta.url));
const TEST_TIMEOUT_MS = 300_000;
const CALLS = 12;
const PRICES = { nano_usd_per_request: '1000' };

/** It stops the product; one that was handed to the suite is spared. */
const itOwn = isProductGiven ? it.skip : it;

let running: StartedProduct | undefined;
let directory = '';

afterEach(async () => {
  await running?.remove();
  if (directory !== '') await rm(directory, { recursive: true, force: true });
}, TEST_TIMEOUT_MS);

/** The guide's own line that begins so, without its comment. */
function commandOf(beginning: string): string {
  const line = readFileSync(GUIDE, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(beginning));
  if (line === undefined) throw new Error(`the guide has no line that begins with ${beginning}`);
  return line.replace(/ {2,}#.*$/, '');
}

itOwn(
  'what the guide backs up is restored by its own commands: same keys, same balances, and books that add up',
  async () => {
    const first = await startProduct();
    running = first;
    const customer = await newCustomer(first);
    const pod = await startModelSimulator({ model: 'mine', ttftMs: 1 });
    try {
      const launched = await customer.launchAndWait([{ region: 'mv', url: pod.url }], {
        servedModelName: 'mine',
        prices: PRICES,
      });
      const before = await customer.balance();
      await waitFor(
        async () => (await customer.manage('GET', `/instances/${launched.id}`)).body.prices.nano_usd_per_request === '1000',
        { timeoutMs: 2_000 },
      );
      const call = () =>
        mustSucceed(
          customer.request('/v1/chat/completions', {
            body: { model: launched.model, messages: [{ role: 'user', content: 'Hi' }] },
          }),
        );
      for (let count = 0; count < CALLS; count += 1) await call();
      await first.stop();

      directory = await temporaryDirectory('ecolink-restore-');
      const shell = (command: string) => run('/bin/bash', ['-ec', command], { cwd: directory });
      await shell(commandOf('tar -C .ecolink').replace('.ecolink ', `${first.dataDirectory} `));
      await rm(first.dataDirectory, { recursive: true });
      await shell(commandOf('mkdir -m 700 restored'));
      const restored = path.join(directory, 'restored');

      const port = Number(new URL(first.root).port);
      const adminPort = Number(new URL(first.credentials.admin_url).port);
      running = await startProduct({ dataDirectory: restored, port, adminPort });
      expect(running.credentials.api_key).toBe(first.credentials.api_key);
      await waitFor(async () => (await customer.balance()) === before - BigInt(CALLS) * 1_000n, {
        timeoutMs: 20_000,
        what: 'all calls of before the backup to be billed once',
      });
      await customer.waitUntilHealthy(launched, 1);
      await call();
      await waitFor(async () => (await customer.balance()) === before - BigInt(CALLS + 1) * 1_000n, { timeoutMs: 20_000 });
      const trial = await mustSucceed(running.admin('GET', '/ledger/trial-balance'));
      expect(trial.body).toMatchObject({ balanced: true, total_nano_usd: '0', problems: [] });
    } finally {
      await pod.close();
    }
  },
  TEST_TIMEOUT_MS,
);

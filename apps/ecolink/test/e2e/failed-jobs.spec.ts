import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import {
  type Answer,
  clearOfMidnight,
  DOLLAR_NANO_USD,
  isProductGiven,
  mustSucceed,
  newCustomer,
  podAddress,
  type StartedProduct,
  startProduct,
  waitFor,
} from '@ecolink/testing';

/** It kills; a product that was handed to the suite is spared. */
const describeOwn = isProductGiven ? describe.skip : describe;

const TEST_TIMEOUT_MS = 300_000;
/** An account may make 600 management calls a minute. */
const PATIENCE = { timeoutMs: 60_000, intervalMs: 250 };
const PATH = '/v1/video/generations';
const COST_NANO_USD = 1_000_000n;

let running: StartedProduct | undefined;
let pod: ModelSimulator | undefined;

afterEach(async () => {
  await pod?.close();
  await running?.remove();
}, TEST_TIMEOUT_MS);

describeOwn('a video job that fails', () => {
  it(
    'is billed when it is taken and given back once, though everything is killed at the instant that its failure is told',
    async () => {
      await clearOfMidnight();
      const first = await startProduct();
      running = first;
      const customer = await newCustomer(first);
      pod = await startModelSimulator({ ...podAddress(), model: 'mine', category: 'video' });
      const instance = await customer.launchAndWait([{ region: 'mv', url: pod.url }], {
        ...{ servedModelName: 'mine', category: 'video', prices: { nano_usd_per_video_second: String(COST_NANO_USD) } },
      });
      const begun = await mustSucceed(
        customer.request(PATH, { body: { model: instance.model, prompt: 'waves that fail to break', seconds: 1 } }),
      );
      const requestId = begun.headers.get('x-ecolink-request-id') ?? '';
      expect(await customer.call(requestId)).toMatchObject({ cost_nano_usd: String(COST_NANO_USD) });
      expect(await customer.balance()).toBe(DOLLAR_NANO_USD - COST_NANO_USD);
      const poll = async () => (await mustSucceed(customer.request(`${PATH}/${begun.body.id}`))).body.status;
      await waitFor(async () => (await poll()) === 'failed', { ...PATIENCE, what: 'the job to fail' });
      await first.kill9();

      const port = Number(new URL(first.root).port);
      const adminPort = Number(new URL(first.credentials.admin_url).port);
      running = await startProduct({ dataDirectory: first.dataDirectory, port, adminPort });
      const refunded = async () => (await customer.balance()) === DOLLAR_NANO_USD;
      await waitFor(refunded, { ...PATIENCE, what: 'the refund' });
      await customer.waitUntilHealthy(instance, 1);
      // Another run of the router knows nothing of what it has said before.
      expect([await poll(), await poll()]).toEqual(['failed', 'failed']);
      await mustSucceed(customer.request(PATH, { body: { model: instance.model, prompt: 'waves', seconds: 1 } }));
      await waitFor(async () => (await customer.balance()) === DOLLAR_NANO_USD - COST_NANO_USD, {
        ...{ ...PATIENCE, what: 'the usage that came behind the polls' },
      });
      const { body: rows } = await customer.manage('GET', '/billing/transactions');
      expect(rows.data.map(({ type, amount_nano_usd: amount }: Answer['body']) => [type, amount])).toEqual([
        ['api_usage', String(-COST_NANO_USD)],
        ['refund', String(COST_NANO_USD)],
        ['api_usage', String(-COST_NANO_USD)],
        ['admin_correction', String(DOLLAR_NANO_USD)],
      ]);
      const { body: usage } = await customer.manage('GET', '/billing/usage');
      expect(usage.totals).toMatchObject({ calls: 2, cost_nano_usd: String(COST_NANO_USD) });
      const { body: reconciled } = await running.admin('POST', '/reconcile');
      expect(reconciled).toMatchObject({ balanced: true, differences: [] });
      expect((await running.admin('GET', '/dead-letters')).body.data).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});

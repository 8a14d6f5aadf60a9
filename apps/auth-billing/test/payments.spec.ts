import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type NotificationRaised, TOPIC, type TopUpView, type TransactionView } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import Stripe from 'stripe';
import { TestService } from './service.js';

const TEST_TIMEOUT_MS = 240_000;
const SECRET = 'whsec_of_tests';
const USD_25 = '25000000000';

interface Stripes {
  readonly server: Server;
  readonly port: number;
  readonly declines: () => void;
  /** Leaves charges unanswered until what it gives is called. */
  readonly holds: () => () => void;
  /** Charges since then. */
  readonly charges: () => number;
}

/** Answers what the product asks of Stripe, as Stripe's own stand-in does. */
async function startStripe(): Promise<Stripes> {
  let isDeclining = false;
  let charges = 0;
  let gate: Promise<void> = Promise.resolve();
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    request.resume().on('end', () => {
      if (request.url === '/v1/checkout/sessions')
        send(200, { id: `cs_${count}`, object: 'checkout.session', url: `https://checkout.test/${count}` });
      else if (request.url === '/v1/customers') send(200, { id: `cus_${count}`, object: 'customer' });
      else if (request.url?.startsWith('/v1/setup_intents/') === true)
        send(200, {
          id: 'seti_1',
          object: 'setup_intent',
          payment_method: { id: 'pm_1', object: 'payment_method', card: { brand: 'visa', last4: '4242' } },
        });
      else {
        charges += 1;
        const id = `pi_auto_${count}`;
        void gate.then(() =>
          isDeclining
            ? send(402, { error: { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' } })
            : send(200, { id, object: 'payment_intent', status: 'succeeded' }),
        );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    declines: () => void (isDeclining = true),
    holds: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      [gate, charges] = [promise, 0];
      return resolve;
    },
    charges: () => charges,
  };
}

describe('payments by Stripe', () => {
  let service: TestService;
  let stripe: Stripes;
  let now = Date.now();
  let events = 0;

  beforeAll(async () => {
    stripe = await startStripe();
    service = await TestService.start(() => new Date(now), undefined, {
      stripe: {
        ...{ secretKey: 'sk_test_1', webhookSecret: SECRET, host: '127.0.0.1', port: stripe.port, protocol: 'http' },
        publicUrl: 'http://localhost:8080',
      },
    });
  }, TEST_TIMEOUT_MS);
  afterAll(async () => {
    await service.close();
    stripe.server.close();
  }, TEST_TIMEOUT_MS);

  async function customer() {
    const account = await service.account();
    const key = (await service.key(account)).key;
    const as = <Body>(method: string, path: string, body?: unknown) =>
      service.withKey<Body>(key, method, `/api/v1/billing${path}`, body);
    const order = async () => (await as<TopUpView>('POST', '/top-ups', { amount_nano_usd: USD_25 })).body;
    return { account, as, order };
  }

  async function tell(type: string, object: object, secret = SECRET): Promise<number> {
    events += 1;
    const payload = JSON.stringify({ id: `evt_${events}`, object: 'event', type, data: { object } });
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
    const response = await fetch(`${service.service.url}/api/v1/billing/stripe-webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body: payload,
    });
    return response.status;
  }

  const completed = (topUp: TopUpView, overrides: object = {}) => ({
    ...{ id: 'cs_1', object: 'checkout.session', mode: 'payment', payment_status: 'paid', currency: 'usd', amount_total: 2_500 },
    ...{ client_reference_id: topUp.id, payment_intent: `pi_${topUp.id}` },
    ...overrides,
  });
  const charge = (topUp: TopUpView, overrides: object) => ({
    object: 'charge',
    currency: 'usd',
    payment_intent: `pi_${topUp.id}`,
    ...overrides,
  });

  it('a top-up counts once, whether its message is repeated, comes in two forms, or after news of its end', async () => {
    const { account, order, as } = await customer();
    const topUp = await order();
    expect([topUp.status, topUp.checkout_url?.startsWith('https://checkout.test/')]).toEqual(['pending', true]);
    await Promise.all([1, 2, 3].map(() => tell('checkout.session.completed', completed(topUp))));
    await tell('payment_intent.succeeded', {
      ...{
        id: `pi_${topUp.id}`,
        object: 'payment_intent',
        amount_received: 2_500,
        currency: 'usd',
        metadata: { top_up_id: topUp.id },
      },
    });
    await tell('checkout.session.expired', completed(topUp, { payment_status: 'unpaid' }));
    expect(await service.balance(account)).toBe(USD_25);
    const { body } = await as<{ data: TransactionView[] }>('GET', '/transactions');
    expect(body.data.map(({ type, amount_nano_usd }) => [type, amount_nano_usd])).toEqual([['topup', USD_25]]);
  });

  it.each([
    ['of another amount', { amount_total: 2_499 }],
    ['of another currency', { currency: 'eur' }],
    ['of nothing that was ordered', { client_reference_id: 'top_of_another' }],
    ['that is not paid yet', { payment_status: 'unpaid' }],
  ])('a message %s posts nothing', async (_what, overrides) => {
    const { account, order } = await customer();
    expect(await tell('checkout.session.completed', completed(await order(), overrides))).toBe(200);
    expect(await service.balance(account)).toBe('0');
  });

  it('the receipt is linked on the row of the top-up, whether it is told of before or after the payment', async () => {
    for (const isBefore of [true, false]) {
      const { order, as } = await customer();
      const topUp = await order();
      const metadata = { top_up_id: topUp.id };
      const receipt = charge(topUp, { metadata, receipt_url: `https://pay.stripe.com/receipts/${topUp.id}` });
      if (isBefore) await tell('charge.succeeded', receipt);
      expect(await tell('checkout.session.completed', completed(topUp))).toBe(200);
      if (!isBefore) await tell('charge.updated', receipt);
      await tell('charge.updated', charge(topUp, { metadata, receipt_url: 'javascript:alert(1)' }));
      const { body } = await as<{ data: TransactionView[] }>('GET', '/transactions');
      expect(body.data.map(({ type, receipt_url }) => [type, receipt_url])).toEqual([
        ['topup', `https://pay.stripe.com/receipts/${topUp.id}`],
      ]);
    }
  });

  it('a message about a top-up of another provider posts nothing', async () => {
    const { account, order } = await customer();
    const topUp = await order();
    await service.database.client.topUp.update({ where: { id: topUp.id }, data: { provider: 'test' } });
    expect(await tell('checkout.session.completed', completed(topUp))).toBe(200);
    expect(await service.balance(account)).toBe('0');
  });

  it('a signed message that is sent again after more than minutes is refused: nobody keeps it for later', async () => {
    const { account, order } = await customer();
    const payload = JSON.stringify({
      ...{ id: 'evt_replayed', object: 'event', type: 'checkout.session.completed' },
      data: { object: completed(await order()) },
    });
    const timestamp = Math.floor(Date.now() / 1_000) - 3_600;
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp });
    const response = await fetch(`${service.service.url}/api/v1/billing/stripe-webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body: payload,
    });
    expect([response.status, await service.balance(account)]).toEqual([400, '0']);
  });

  it('a forged message is refused with 400', async () => {
    const { account, order } = await customer();
    expect(await tell('checkout.session.completed', completed(await order()), 'whsec_of_a_forger')).toBe(400);
    expect(await service.balance(account)).toBe('0');
  });

  it('refunds and disputes are taken off once, a won dispute is given back, and news before the payment is asked for again', async () => {
    const { account, order } = await customer();
    const topUp = await order();
    expect(await tell('charge.refunded', charge(topUp, { amount_refunded: 500 }))).toBe(503);
    await tell('checkout.session.completed', completed(topUp));
    for (const cents of [500, 500, 900, 500])
      expect(await tell('charge.refunded', charge(topUp, { amount_refunded: cents }))).toBe(200);
    expect(await service.balance(account)).toBe('16000000000');
    for (let told = 0; told < 2; told += 1)
      await tell('charge.dispute.created', charge(topUp, { amount: 1_600, status: 'needs_response' }));
    expect(await service.balance(account)).toBe('0');
    await tell('charge.dispute.closed', charge(topUp, { amount: 1_600, status: 'won' }));
    expect(await service.balance(account)).toBe('16000000000');
    const balance = await service.admin<{ balanced: boolean }>('GET', '/ledger/trial-balance');
    expect(balance.body.balanced).toBe(true);
  });

  it.each(['999999999', '1000000000001', '0', '-1000000000', '1e9', ' 5000000000', '1000000001', 5_000_000_000])(
    'an amount of %p is refused by name, and nothing is ordered',
    async (amount_nano_usd) => {
      const { account, as } = await customer();
      const refused = await as<{ error: { param: string } }>('POST', '/top-ups', { amount_nano_usd });
      expect([refused.status, refused.body.error.param]).toEqual([400, 'amount_nano_usd']);
      expect(await service.database.client.topUp.count({ where: { accountId: account } })).toBe(0);
    },
  );

  const rule = { enabled: true, threshold_nano_usd: '10000000000', amount_nano_usd: USD_25 };
  const saveCard = (account: string): Promise<number> =>
    tell('checkout.session.completed', {
      ...{ object: 'checkout.session', mode: 'setup', client_reference_id: account, setup_intent: 'seti_1', customer: 'cus_1' },
    });

  it(
    'a rule that its owner changes while a charge is under way stays as it was changed',
    async () => {
      const { account, as } = await customer();
      await as('POST', '/card');
      await saveCard(account);
      const letGo = stripe.holds();
      await as('PUT', '/auto-recharge', rule);
      await waitFor(() => stripe.charges() > 0, { timeoutMs: 60_000, what: 'the charge' });
      const changed = { enabled: false, threshold_nano_usd: '2000000000', amount_nano_usd: '5000000000' };
      expect((await as('PUT', '/auto-recharge', changed)).status).toBe(200);
      letGo();
      await waitFor(async () => (await service.balance(account)) === USD_25, { timeoutMs: 60_000, what: 'the recharge' });
      expect((await as('GET', '/auto-recharge')).body).toEqual(changed);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a low balance is recharged from the saved card once, and after a decline only when the back-off is over, with a notice',
    async () => {
      const { account, as } = await customer();
      expect((await as('PUT', '/auto-recharge', rule)).status).toBe(409);
      const card = await as<{ setup_url: string }>('POST', '/card');
      expect(card.body.setup_url).toMatch(/^https:/);
      await saveCard(account);
      expect((await as('GET', '/card')).body).toEqual({ brand: 'visa', last4: '4242', setup_url: null });
      expect((await as('PUT', '/auto-recharge', rule)).status).toBe(200);
      expect((await as('GET', '/auto-recharge')).body).toEqual(rule);
      await waitFor(async () => (await service.balance(account)) === USD_25, { timeoutMs: 60_000, what: 'the recharge' });
      stripe.declines();
      await service.credit(account, '-20000000000');
      const recharges = () =>
        service.database.client.topUp.findMany({ where: { accountId: account, kind: 'auto_recharge' }, orderBy: { id: 'asc' } });
      await waitFor(async () => (await recharges()).some(({ status }) => status === 'failed'), {
        timeoutMs: 60_000,
        what: 'the decline',
      });
      const rule2 = await service.database.client.autoRecharge.findUniqueOrThrow({ where: { accountId: account } });
      expect([rule2.failures, rule2.nextTryAt.getTime() - now]).toEqual([1, 3_600_000]);
      const { body } = await service.admin<{ data: { data: NotificationRaised }[] }>(
        'GET',
        `/events?topic=${TOPIC.notificationRaised}&limit=1000`,
      );
      expect(body.data.filter(({ data }) => data.account_id === account).map(({ data }) => data.kind)).toEqual([
        'auto_recharge_failed',
      ]);
      now += 3_600_000;
      await waitFor(async () => (await recharges()).length === 3, { timeoutMs: 60_000, what: 'the next try' });
      expect((await as('DELETE', '/card')).status).toBe(204);
      expect((await service.database.client.autoRecharge.findUniqueOrThrow({ where: { accountId: account } })).enabled).toBe(
        false,
      );
    },
    TEST_TIMEOUT_MS,
  );
});

describe('payments without a provider', () => {
  it(
    'are refused with 503, and a message of Stripe posts nothing',
    async () => {
      const service = await TestService.start();
      const account = await service.account();
      const key = (await service.key(account)).key;
      const refused = await service.withKey<{ error: { code: string } }>(key, 'POST', '/api/v1/billing/top-ups', {
        amount_nano_usd: USD_25,
      });
      expect([refused.status, refused.body.error.code]).toEqual([503, 'payments_not_configured']);
      const message = await service.call<{ error: { code: string } }>('POST', '/api/v1/billing/stripe-webhook', {
        body: { type: 'x' },
      });
      expect([message.status, message.body.error.code]).toEqual([503, 'payments_not_configured']);
      await service.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of the test provider succeed at once, where an operator asks for it',
    async () => {
      const service = await TestService.start(() => new Date(), undefined, { testPayments: true });
      const account = await service.account();
      const key = (await service.key(account)).key;
      const paid = await service.withKey<TopUpView>(key, 'POST', '/api/v1/billing/top-ups', { amount_nano_usd: USD_25 });
      expect([paid.status, paid.body.status, await service.balance(account)]).toEqual([201, 'succeeded', USD_25]);
      await service.close();
    },
    TEST_TIMEOUT_MS,
  );
});

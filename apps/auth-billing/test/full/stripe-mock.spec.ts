import type { TopUpView, TransactionView } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import Stripe from 'stripe';
import { TestService } from '../service.js';
import { startStripeMock, type StripeMock, type StripeRequest } from './stripe-mock.js';

/** The first run builds stripe-mock. */
const SETUP_TIMEOUT_MS = 12 * 60_000;
const TEST_TIMEOUT_MS = 120_000;
const SECRET = 'whsec_of_tests';
const USD_25 = '25000000000';

let mock: StripeMock;
let service: TestService;
let library: Stripe;
let events = 0;

beforeAll(async () => {
  mock = await startStripeMock();
  const address = { host: '127.0.0.1', port: mock.port, protocol: 'http' as const };
  library = new Stripe('sk_test_1', address);
  service = await TestService.start(() => new Date(), undefined, {
    stripe: { secretKey: 'sk_test_1', webhookSecret: SECRET, ...address, publicUrl: 'http://localhost:8080' },
  });
}, SETUP_TIMEOUT_MS);
afterAll(async () => {
  await service?.close();
  await mock?.close();
}, TEST_TIMEOUT_MS);
// Whatever a test does, Stripe's description of its API knows every field that the product sends.
afterEach(() => {
  const refused = mock.requests.filter(({ status }) => status !== 200);
  expect(refused.map(({ call, form, answer }) => ({ call, form: form.toString(), answer }))).toEqual([]);
});

async function customer() {
  const account = await service.account();
  const key = (await service.key(account)).key;
  const as = <Body>(method: string, path: string, body?: unknown) =>
    service.withKey<Body>(key, method, `/api/v1/billing${path}`, body);
  const order = async () => (await as<TopUpView>('POST', '/top-ups', { amount_nano_usd: USD_25 })).body;
  const rows = async () =>
    (await as<{ data: TransactionView[] }>('GET', '/transactions')).body.data.map(({ type, amount_nano_usd }) => [
      type,
      amount_nano_usd,
    ]);
  return { account, as, order, rows };
}

/** Tells the product of an object of Stripe's in a signed message, with what this payment changes in it. */
async function tell(type: string, object: object, overrides: object, secret = SECRET): Promise<number> {
  events += 1;
  const payload = JSON.stringify({ id: `evt_${events}`, object: 'event', type, data: { object: { ...object, ...overrides } } });
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
  const response = await fetch(`${service.service.url}/api/v1/billing/stripe-webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    body: payload,
  });
  return response.status;
}

const lastOf = (call: string): StripeRequest => {
  const found = mock.requests.findLast((request) => request.call === call);
  if (found === undefined) throw new Error(`nobody asked Stripe for ${call}`);
  return found;
};

const paid = (topUp: TopUpView) => ({
  ...{ payment_status: 'paid', status: 'complete', currency: 'usd', amount_total: 2_500, payment_intent: `pi_${topUp.id}` },
});

describe('payments against stripe-mock', () => {
  it('a top-up opens Checkout for its amount, and Stripe\u2019s own session object, signed, credits it once', async () => {
    const { account, order, rows } = await customer();
    const topUp = await order();
    const { form, idempotencyKey, answer } = lastOf('POST /v1/checkout/sessions');
    expect([topUp.status, topUp.checkout_url]).toEqual(['pending', answer['url']]);
    expect(topUp.checkout_url).toMatch(/^https:\/\/checkout\.stripe\.com\//);
    expect([form.get('line_items[0][price_data][unit_amount]'), form.get('client_reference_id'), idempotencyKey]).toEqual([
      ...['2500', topUp.id, topUp.id],
    ]);
    expect(await tell('checkout.session.completed', answer, paid(topUp), 'whsec_of_a_forger')).toBe(400);
    expect(await tell('checkout.session.completed', answer, { ...paid(topUp), amount_total: 2_600 })).toBe(200);
    expect(await rows()).toEqual([]);
    for (let told = 0; told < 2; told += 1) expect(await tell('checkout.session.completed', answer, paid(topUp))).toBe(200);
    expect([await service.balance(account), await rows()]).toEqual([USD_25, [['topup', USD_25]]]);
  });

  it('refunds and disputes told of in Stripe\u2019s own objects are taken off once each', async () => {
    const { account, order } = await customer();
    const topUp = await order();
    await tell('checkout.session.completed', lastOf('POST /v1/checkout/sessions').answer, paid(topUp));
    const payment = { payment_intent: `pi_${topUp.id}`, currency: 'usd' };
    await library.refunds.create({ payment_intent: payment.payment_intent, amount: 500 });
    const charge = await library.charges.retrieve('ch_1');
    for (let told = 0; told < 2; told += 1)
      expect(await tell('charge.refunded', charge, { ...payment, amount: 2_500, amount_refunded: 500 })).toBe(200);
    expect(await service.balance(account)).toBe('20000000000');
    const dispute = await library.disputes.retrieve('dp_1');
    for (const [type, status, balance] of [
      ['charge.dispute.created', 'needs_response', '0'],
      ['charge.dispute.closed', 'won', '20000000000'],
    ] as const) {
      expect(await tell(type, dispute, { ...payment, amount: 2_000, status })).toBe(200);
      expect(await service.balance(account)).toBe(balance);
    }
  });

  it(
    'a card is saved, charged when the balance is low, and after a decline left alone',
    async () => {
      const { account, as, rows } = await customer();
      const setup = await as<{ setup_url: string }>('POST', '/card');
      const { form, answer } = lastOf('POST /v1/checkout/sessions');
      expect([setup.status, setup.body.setup_url, form.get('mode')]).toEqual([201, answer['url'], 'setup']);
      const customerId = lastOf('POST /v1/customers').answer['id'];
      expect(form.get('customer')).toBe(customerId);
      expect(await tell('checkout.session.completed', answer, { setup_intent: 'seti_1', customer: customerId })).toBe(200);
      expect((await as('GET', '/card')).body).toMatchObject({ brand: 'visa', last4: '4242' });

      const charged = 'POST /v1/payment_intents';
      mock.answers.set(charged, { fields: { status: 'succeeded', amount_received: 2_500 } });
      const rule = { enabled: true, threshold_nano_usd: '10000000000', amount_nano_usd: USD_25 };
      expect((await as('PUT', '/auto-recharge', rule)).status).toBe(200);
      await waitFor(async () => (await service.balance(account)) === USD_25, { timeoutMs: 30_000, what: 'the recharge' });
      const { form: charge, idempotencyKey, answer: intent } = lastOf(charged);
      const saved = await service.database.client.paymentCard.findUniqueOrThrow({ where: { accountId: account } });
      expect(Object.fromEntries(charge)).toMatchObject({
        ...{ amount: '2500', currency: 'usd', customer: customerId, payment_method: saved.paymentMethod },
        ...{ off_session: 'true', confirm: 'true', 'automatic_payment_methods[allow_redirects]': 'never' },
      });
      // The message about a charge comes after its answer, and counts no second time.
      const metadata = { top_up_id: idempotencyKey };
      const told = { status: 'succeeded', amount_received: 2_500, currency: 'usd', metadata };
      expect(await tell('payment_intent.succeeded', intent, told)).toBe(200);
      expect(await rows()).toEqual([['auto_recharge', USD_25]]);

      const declined = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' };
      mock.answers.set(charged, { httpStatus: 402, fields: { error: declined } });
      await service.credit(account, '-20000000000');
      const failed = () => service.database.client.topUp.findFirst({ where: { accountId: account, status: 'failed' } });
      await waitFor(async () => (await failed()) !== null, { timeoutMs: 30_000, what: 'the decline' });
      expect((await failed())?.failure).toBe('Your card was declined.');
      expect(await service.balance(account)).toBe('5000000000');
    },
    TEST_TIMEOUT_MS,
  );
});

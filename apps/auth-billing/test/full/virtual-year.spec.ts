import {
  type BudgetView,
  budgetWindow,
  type InstanceRecord,
  nanoUsdToUsdLiteral,
  type Reconciliation,
  type TopUpView,
  type UsageReport,
} from '@ecolink/contracts';
import Stripe from 'stripe';
import { PostUsage } from '../../src/charges/calls/post-usage.js';
import { Holds } from '../../src/charges/gpu-hours/holds.service.js';
import { ObserveInstance } from '../../src/charges/gpu-hours/observe-instance.js';
import { TestService } from '../service.js';
import { usageEvent } from '../usage-event.js';
import { seeded, startPaymentsStandIn, type PaymentsStandIn } from './support.js';

/** A year of one account, day by day, beside a reckoning that anybody could do by hand. */
const TEST_TIMEOUT_MS = 1_200_000;
const START_MS = Date.parse('2026-01-01T00:00:00.000Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 365;
const USD = 1_000_000_000n;
const SECRET = 'whsec_of_a_year';
const ZONE = 'Pacific/Auckland';
const GPU_RATES = { l4: (8n * USD) / 10n, h100: (32n * USD) / 10n } as const;
const PLATFORM = 'year/model';
const CALLS_A_DAY_MAX = 30;
const KEYS = ['key_a', 'key_b'];

interface Machine {
  id: number;
  readonly gpu: keyof typeof GPU_RATES;
  readonly gpus: number;
  readonly replicas: number;
  run: number;
  isOn: boolean;
  ready: number;
  readyMs: number;
  settledMs: number;
  heldNanoUsd: bigint;
  endsAtMs: number;
}

let service: TestService;
let stripe: PaymentsStandIn;
let nowMs = START_MS;

beforeAll(async () => {
  stripe = await startPaymentsStandIn();
  service = await TestService.start(() => new Date(nowMs), undefined, {
    stripe: {
      ...{ secretKey: 'sk_test_1', webhookSecret: SECRET, host: '127.0.0.1', port: stripe.port, protocol: 'http' },
      publicUrl: 'http://localhost:8080',
    },
  });
}, TEST_TIMEOUT_MS);
afterAll(async () => {
  await service?.close();
  await stripe?.close();
}, TEST_TIMEOUT_MS);

const ceil = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

/** Ready time travels in seconds. */
const reported = ({ readyMs }: Machine): number => Math.floor((readyMs / 1_000) * 1_000);

class Year {
  available = 0n;
  readonly sums = new Map<string, { count: number; nanoUsd: bigint }>();
  readonly spent: { readonly at: number; readonly key: string; readonly nanoUsd: bigint }[] = [];
  readonly machines: Machine[] = [
    { gpu: 'l4', gpus: 1, replicas: 2 },
    { gpu: 'h100', gpus: 2, replicas: 1 },
    { gpu: 'l4', gpus: 4, replicas: 1 },
  ].map((each, index) => ({
    ...(each as Pick<Machine, 'gpu' | 'gpus' | 'replicas'>),
    ...{ id: 1_000 + index, run: 0, isOn: false, ready: 0, readyMs: 0, settledMs: 0, heldNanoUsd: 0n, endsAtMs: Infinity },
  }));
  private prices = [{ from: 0, input: 500_000n, request: 70_000n }];
  private late: ReturnType<typeof usageEvent>[] = [];
  private versions = 0;
  private ids = 2_000;
  private told = 0;
  depletions = 0;
  refused = 0;
  readonly random = seeded(20_260_101);

  constructor(
    readonly account: string,
    private readonly key: string,
  ) {}

  /** To a moment; cycles that end before it are settled as they end. */
  async pass(untilMs: number): Promise<void> {
    while (nowMs < untilMs) {
      const nextEndMs = Math.min(...this.machines.filter(({ isOn }) => isOn).map(({ endsAtMs }) => endsAtMs));
      const toMs = Math.max(nowMs, Math.min(untilMs, nextEndMs));
      for (const machine of this.machines) if (machine.isOn) machine.readyMs += (toMs - nowMs) * machine.ready;
      const ending = this.machines.filter(({ isOn, endsAtMs }) => isOn && endsAtMs === toMs);
      // What was ready until the end is known just before it.
      nowMs = Math.max(nowMs, toMs - (ending.length > 0 ? 1 : 0));
      for (const machine of ending) await this.observe(machine, 'running');
      nowMs = toMs;
      for (const machine of ending) await this.endCycle(machine);
    }
  }

  async launch(machine: Machine): Promise<void> {
    if (machine.isOn) return;
    machine.run += 1;
    const capacity = { account_id: this.account, gpu_type: machine.gpu, gpu_count: machine.gpus, replicas: machine.replicas };
    const hold = this.wholeHold(machine);
    const taken = service.service.app.get(Holds).take(machine.id, machine.run, capacity);
    if (this.available < hold) {
      await expect(taken).rejects.toThrow('does not cover the hold');
      machine.run -= 1;
      this.refused += 1;
      return;
    }
    await taken;
    this.move('hold', -hold);
    Object.assign(machine, { isOn: true, heldNanoUsd: hold, settledMs: reported(machine), endsAtMs: nowMs + DAY_MS });
    await this.observe(machine, 'running');
    machine.ready = machine.replicas;
  }

  async stop(machine: Machine): Promise<void> {
    if (!machine.isOn) return;
    await this.observe(machine, 'stopped');
    this.settle(machine);
    machine.isOn = false;
  }

  async topUp(usd: number): Promise<TopUpView> {
    const body = { amount_nano_usd: String(BigInt(usd) * USD) };
    const ordered = await service.withKey<TopUpView>(this.key, 'POST', '/api/v1/billing/top-ups', body);
    expect(ordered.status).toBe(201);
    const session = {
      ...{ id: 'cs_1', object: 'checkout.session', mode: 'payment', payment_status: 'paid', currency: 'usd' },
      ...{ amount_total: usd * 100, client_reference_id: ordered.body.id, payment_intent: `pi_${ordered.body.id}` },
    };
    for (let told = 0; told < 2; told += 1) await this.tell('checkout.session.completed', session);
    this.move('topup', BigInt(usd) * USD);
    return ordered.body;
  }

  async refund(topUp: TopUpView, usd: number): Promise<void> {
    const charge = { object: 'charge', currency: 'usd', payment_intent: `pi_${topUp.id}`, amount_refunded: usd * 100 };
    for (let told = 0; told < 2; told += 1) await this.tell('charge.refunded', charge);
    this.move('refund', -BigInt(usd) * USD);
  }

  async setPrice(input: bigint, request: bigint): Promise<void> {
    const prices = { input_nano_usd_per_1m_tokens: String(input * 1_000_000n), nano_usd_per_request: String(request) };
    await service.setPrice(`platform:${PLATFORM}`, prices);
    this.prices.push({ from: nowMs, input, request });
  }

  /** A day's calls; some reach billing a day late, after a price may have changed. */
  async calls(): Promise<void> {
    const events = this.late.splice(0);
    const count = Math.floor(this.random() * CALLS_A_DAY_MAX);
    for (let index = 0; index < count; index += 1) {
      const at = Math.max(this.prices[1]?.from ?? 0, nowMs - Math.floor(this.random() * 8 * HOUR_MS));
      const key = KEYS[Math.floor(this.random() * KEYS.length)] ?? '';
      const tokens = Math.floor(this.random() * 5_000);
      const time = new Date(at).toISOString();
      const event = usageEvent(this.account, {
        ...{ platform_model_id: PLATFORM, instance_id: null, model: PLATFORM, key_id: key, started_at: time, ended_at: time },
        units: { requests: 1, input_tokens: tokens, output_tokens: 9 },
      });
      const price = this.prices.findLast(({ from }) => from <= at);
      const cost = BigInt(tokens) * (price?.input ?? 0n) + (price?.request ?? 0n);
      if (this.random() < 0.1) this.late.push(event);
      else events.push(event);
      this.spent.push({ at, key, nanoUsd: cost });
    }
    await this.post(events);
  }

  async postLate(): Promise<void> {
    await this.post(this.late.splice(0));
  }

  /** Twice, as a bus may deliver. */
  private async post(events: ReturnType<typeof usageEvent>[]): Promise<void> {
    const post = service.service.app.get(PostUsage);
    for (let delivered = 0; delivered < 2; delivered += 1) if (events.length > 0) await post.post(events);
    for (const { data } of events) {
      const at = Date.parse(data.started_at);
      const price = this.prices.findLast(({ from }) => from <= at);
      const cost = BigInt(data.units.input_tokens ?? 0) * (price?.input ?? 0n) + (price?.request ?? 0n);
      if (cost > 0n) this.move('api_usage', -cost);
    }
  }

  private async endCycle(machine: Machine): Promise<void> {
    await service.service.app.get(Holds).advance();
    this.settle(machine);
    const whole = this.wholeHold(machine);
    const part = this.available > 0n ? (BigInt(DAY_MS) * this.available) / whole : 0n;
    const hold = this.available >= whole ? whole : part >= 1_000n ? this.available : 0n;
    if (hold === 0n) {
      this.depletions += 1;
      await this.observe(machine, 'terminated');
      // What comes next is another instance.
      this.ids += 1;
      Object.assign(machine, { id: this.ids, run: 0, isOn: false, ready: 0, readyMs: 0, settledMs: 0 });
      return;
    }
    machine.endsAtMs += hold === whole ? DAY_MS : Number(part);
    machine.heldNanoUsd = hold;
    this.move('hold', -hold);
  }

  private settle(machine: Machine): void {
    const ms = BigInt(reported(machine) - machine.settledMs);
    const used = ceil(GPU_RATES[machine.gpu] * BigInt(machine.gpus) * ms, BigInt(HOUR_MS));
    this.move('hold_release', machine.heldNanoUsd);
    if (used > 0n) this.move('gpu_usage', -used);
    Object.assign(machine, { heldNanoUsd: 0n, settledMs: reported(machine) });
  }

  private wholeHold({ gpu, gpus, replicas }: Machine): bigint {
    return GPU_RATES[gpu] * BigInt(gpus * replicas * 24);
  }

  private move(type: string, nanoUsd: bigint): void {
    this.available += nanoUsd;
    const known = this.sums.get(type) ?? { count: 0, nanoUsd: 0n };
    this.sums.set(type, { count: known.count + 1, nanoUsd: known.nanoUsd + nanoUsd });
  }

  private async observe(machine: Machine, state: 'running' | 'stopped' | 'terminated'): Promise<void> {
    this.versions += 1;
    const record: InstanceRecord = {
      ...{ version: this.versions, instance_id: machine.id, kind: 'own', account_id: this.account, platform_model_id: null },
      ...{ model_id: 'mdl_1', model_name: 'm', served_model_name: null, category: 'chat', openai_compatible: true },
      ...{ custom_api_path: null, inject_stream_usage: true, state, desired_state: state, degraded: false },
      ...{ termination_reason: state === 'terminated' ? 'credit_depleted' : null, pinned_region: null, run: machine.run },
      deployments: [{ region: 'mv', pods_desired: machine.replicas, ready_replica_seconds: machine.readyMs / 1_000 }],
      created_at: new Date(START_MS).toISOString(),
    };
    // A message that is delivered again changes nothing.
    for (let delivered = 0; delivered < 2; delivered += 1) await service.service.app.get(ObserveInstance).observe(record);
  }

  private async tell(type: string, object: object): Promise<void> {
    this.told += 1;
    const payload = JSON.stringify({ id: `evt_${this.told}`, object: 'event', type, data: { object } });
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET });
    const { status } = await fetch(`${service.service.url}/api/v1/billing/stripe-webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body: payload,
    });
    expect(status).toBe(200);
  }
}

interface Row {
  readonly type: string;
  readonly amountNanoUsd: bigint;
  readonly balanceAfterNanoUsd: bigint;
  readonly createdAt: Date;
}

function print(rows: readonly Row[]): string {
  const lines = ['month    rows  type          USD'];
  for (const month of new Set(rows.map(({ createdAt }) => createdAt.toISOString().slice(0, 7)))) {
    const ofMonth = rows.filter(({ createdAt }) => createdAt.toISOString().startsWith(month));
    for (const type of [...new Set(ofMonth.map((row) => row.type))].sort()) {
      const ofType = ofMonth.filter((row) => row.type === type);
      const sum = ofType.reduce((total, { amountNanoUsd }) => total + amountNanoUsd, 0n);
      lines.push(`${month} ${String(ofType.length).padStart(6)}  ${type.padEnd(13)} ${nanoUsdToUsdLiteral(sum)}`);
    }
    lines.push(`${month}         balance       ${nanoUsdToUsdLiteral(ofMonth.at(-1)?.balanceAfterNanoUsd ?? 0n)}`);
  }
  return lines.join('\n');
}

describe('a year of a busy account', () => {
  it(
    'adds up to the nano-dollar: launches, crashes, renewals, depletion, top-ups, refunds, budgets, late calls and new prices',
    async () => {
      const account = await service.account();
      const { key } = await service.key(account);
      const year = new Year(account, key);
      expect((await service.withKey(key, 'PATCH', '/api/v1/account', { time_zone: ZONE })).status).toBe(200);
      for (const [gpu, rate] of Object.entries(GPU_RATES))
        await service.setPrice(`gpu:${gpu}`, { nano_usd_per_gpu_hour: String(rate) });
      await year.setPrice(500_000n, 70_000n);
      const created = await service.withKey<BudgetView>(key, 'POST', '/api/v1/budgets', {
        ...{ scope: { kind: 'account' }, period: 'month', limit_nano_usd: String(20n * USD) },
      });
      let lastTopUp = await year.topUp(900);

      for (let day = 0; day < DAYS; day += 1) {
        const { random, machines } = year;
        const dayStartMs = START_MS + day * DAY_MS;
        await year.pass(dayStartMs + Math.floor(random() * 6) * HOUR_MS + 1_000);
        for (const machine of machines) {
          if (!machine.isOn && random() < 0.25) await year.launch(machine);
          else if (random() < 0.06) await year.stop(machine);
          // A crash: replicas that are not ready cost nothing, until they are again.
          if (machine.isOn) machine.ready = random() < 0.15 ? Math.floor(random() * machine.replicas) : machine.replicas;
          await year.pass(nowMs + (1 + Math.floor(random() * 5_000)) * 1_000);
        }
        await year.pass(dayStartMs + 20 * HOUR_MS + machines.length * 1_000);
        await year.calls();
        if (day % 30 === 29) await year.setPrice(BigInt(100_000 + Math.floor(random() * 900_000)), BigInt(day * 1_001));
        if (year.available < 300n * USD && random() < 0.5) lastTopUp = await year.topUp(100 + Math.floor(random() * 900));
        if (day % 60 === 59) await year.refund(lastTopUp, 40);
        if (day % 91 === 90) {
          const { body } = await service.withKey<{ data: BudgetView[] }>(key, 'GET', '/api/v1/budgets');
          await year.postLate();
          const window = budgetWindow('month', ZONE, new Date(nowMs));
          const [budget] = (await service.withKey<{ data: BudgetView[] }>(key, 'GET', '/api/v1/budgets')).body.data;
          const spent = year.spent
            .filter(({ at }) => at >= window.startedAt.getTime() && at < Number(window.endsAt))
            .reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n);
          expect([budget?.id, budget?.spent_nano_usd]).toEqual([created.body.id, String(spent)]);
          expect(body.data).toHaveLength(1);
        }
        expect(await service.balance(account)).toBe(String(year.available));
      }
      for (const machine of year.machines) await year.stop(machine);
      await year.postLate();

      const rows: Row[] = await service.database.client.ledgerTransaction.findMany({
        where: { accountId: account },
        orderBy: { sequence: 'asc' },
      });
      let balance = 0n;
      for (const row of rows) {
        balance += row.amountNanoUsd;
        expect(row.balanceAfterNanoUsd).toBe(balance);
      }
      expect(balance).toBe(year.available);
      expect(await service.balance(account)).toBe(String(balance));
      for (const [type, { count, nanoUsd }] of year.sums) {
        const ofType = rows.filter((row) => row.type === type);
        expect([type, ofType.length, ofType.reduce((sum, row) => sum + row.amountNanoUsd, 0n)]).toEqual([type, count, nanoUsd]);
      }
      expect(rows).toHaveLength([...year.sums.values()].reduce((sum, { count }) => sum + count, 0));

      const usage = await service.withKey<UsageReport>(
        key,
        'GET',
        '/api/v1/billing/usage?from=2026-01-01&to=2027-01-02&group_by=day,model,key',
      );
      const cost = year.spent.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n);
      expect(usage.body.totals).toMatchObject({ calls: year.spent.length, cost_nano_usd: String(cost) });
      const reconciled = await service.admin<Reconciliation>('POST', '/reconcile');
      expect(reconciled.body).toMatchObject({ balanced: true, differences: [] });
      const trial = await service.admin('GET', '/ledger/trial-balance');
      expect(trial.body).toMatchObject({ balanced: true, total_nano_usd: '0', problems: [] });
      // Without these it was no busy year.
      expect([year.depletions > 0, year.refused > 0, year.spent.length > 1_000]).toEqual([true, true, true]);
      process.stderr.write(
        `${print(rows)}\ncalls ${year.spent.length}, depletions ${year.depletions}, launches refused ${year.refused}\n`,
      );
    },
    TEST_TIMEOUT_MS,
  );
});

import { type AccountState, type BudgetPeriod, type BudgetState, budgetWindow, type NanoUsd } from '@ecolink/contracts';
import { MemoryTotalsHub, SynchronisedTotals } from '@ecolink/shared-state';
import fc from 'fast-check';
import { AccountBudget } from './account-budget.js';
import { type Admission } from './call-reservation.js';
import type { SpendingCall } from './spending-pool.js';

const SOURCE = 'router/router-1';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Within a day of clocks that go forward or back, and of the ends of days, weeks, months and years. */
const STARTS: Readonly<Record<string, readonly string[]>> = {
  'Pacific/Auckland': ['2026-09-26T10:30:00Z', '2026-04-04T10:50:00Z', '2026-12-31T10:59:00Z'],
  'Asia/Kathmandu': ['2026-05-31T18:10:00Z', '2026-12-31T18:14:59Z'],
  'America/Los_Angeles': ['2026-03-08T07:55:00Z', '2026-11-01T06:50:00Z', '2026-06-30T23:00:00Z'],
};
const ZONES = Object.keys(STARTS);
const KEYS = [
  { keyId: 'key_a', userId: 'usr_1' },
  { keyId: 'key_b', userId: 'usr_1' },
  { keyId: 'key_c', userId: undefined },
];
const SCOPES: readonly BudgetState['scope'][] = [
  { kind: 'account', id: null },
  { kind: 'user', id: 'usr_1' },
  { kind: 'key', id: 'key_a' },
  { kind: 'key', id: 'key_c' },
];

interface Budget {
  readonly id: string;
  readonly scope: BudgetState['scope'];
  readonly period: BudgetPeriod;
  limit: number;
  /** By the window that was raised. */
  readonly raises: Map<string, number>;
}

interface MadeCall {
  readonly call: SpendingCall;
  readonly cost: number;
  readonly position: number;
}

type Step =
  | { readonly kind: 'call'; readonly key: number; readonly cost: number }
  | { readonly kind: 'post'; readonly part: number }
  | {
      readonly kind: 'raise' | 'limit' | 'create';
      readonly budget: number;
      readonly amount: number;
      readonly period: BudgetPeriod;
    }
  | { readonly kind: 'delete'; readonly budget: number }
  | { readonly kind: 'zone'; readonly zone: string }
  | { readonly kind: 'restart' };

const period = fc.constantFrom<BudgetPeriod>('day', 'week', 'month', 'lifetime');
const call = fc.record({ kind: fc.constant('call' as const), key: fc.nat(KEYS.length - 1), cost: fc.nat(60) });
const post = fc.record({ kind: fc.constant('post' as const), part: fc.constantFrom(0, 0.5, 1, 1) });
const change = fc.record({
  kind: fc.constantFrom('raise' as const, 'limit' as const),
  budget: fc.nat(9),
  amount: fc.nat(120),
  period,
});
const calm = fc.oneof({ weight: 6, arbitrary: call }, { weight: 2, arbitrary: post }, { weight: 1, arbitrary: change });
const stormy = fc.oneof(
  { weight: 8, arbitrary: calm },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.record({ kind: fc.constant('create' as const), budget: fc.nat(SCOPES.length - 1), amount: fc.nat(200), period }),
      fc.record({ kind: fc.constant('delete' as const), budget: fc.nat(9) }),
      fc.record({ kind: fc.constant('zone' as const), zone: fc.constantFrom(...ZONES) }),
      fc.record({ kind: fc.constant('restart' as const) }),
    ),
  },
);
const pause = fc.constantFrom(0, 1, 50, MINUTE_MS, 7 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS, 23 * HOUR_MS, 8 * 24 * HOUR_MS);
const plan = (step: fc.Arbitrary<Step>) =>
  fc.record({
    start: fc.constantFrom(...ZONES.flatMap((zone) => (STARTS[zone] ?? []).map((at) => ({ zone, at })))),
    budgets: fc.array(fc.record({ scope: fc.constantFrom(...SCOPES), period, limit: fc.nat(200) }), {
      minLength: 1,
      maxLength: 4,
    }),
    steps: fc.array(fc.record({ pause, step }), { minLength: 5, maxLength: 60, size: 'max' }),
  });

const PLAN = plan(stormy);

/** One account, its budgets and the calls it made; billing has posted a part of them. Its clock may differ from the router's. */
class World {
  nowMs: number;
  readonly budgets: Budget[] = [];
  readonly made: MadeCall[] = [];
  private posted = 0;
  private version = 0;
  private router: AccountBudget;
  private created = 0;

  constructor(
    at: string,
    public zone: string,
    budgets: readonly { readonly scope: BudgetState['scope']; readonly period: BudgetPeriod; readonly limit: number }[],
    private readonly skewMs: number,
  ) {
    this.nowMs = Date.parse(at);
    for (const budget of budgets) this.create(budget.scope, budget.period, budget.limit);
    this.router = this.startRouter();
  }

  create(scope: BudgetState['scope'], ofPeriod: BudgetPeriod, limit: number): void {
    this.created += 1;
    this.budgets.push({ id: `bdg_${this.created}`, scope, period: ofPeriod, limit, raises: new Map() });
  }

  step(step: Step): void {
    switch (step.kind) {
      case 'call':
        return this.call(step.key, step.cost);
      case 'post':
        this.posted += Math.ceil((this.made.length - this.posted) * step.part);
        break;
      case 'create':
        this.create(SCOPES[step.budget] ?? { kind: 'account', id: null }, step.period, step.amount);
        break;
      case 'delete':
        this.budgets.splice(step.budget % Math.max(1, this.budgets.length), 1);
        break;
      case 'zone':
        this.zone = step.zone;
        break;
      case 'restart':
        this.router = this.startRouter();
        return;
      case 'raise':
      case 'limit': {
        const budget = this.budgets[step.budget % Math.max(1, this.budgets.length)];
        if (budget === undefined) return;
        if (step.kind === 'limit') budget.limit = step.amount;
        else budget.raises.set(windowName(budget.period, this.zone, this.nowMs + this.skewMs), step.amount);
      }
    }
    this.router.apply(this.state());
  }

  private call(keyIndex: number, cost: number): void {
    const key = KEYS[keyIndex] ?? { keyId: 'key_d', userId: undefined };
    const made = { ...key, admittedAtMs: this.nowMs };
    const admission = this.router.reserve({ firstNanoUsd: BigInt(cost + 1), worstNanoUsd: BigInt(cost + 1) }, made);
    const isOpen = this.budgets.every((budget) => !inScope(budget, key) || this.spentIn(budget) < limitOf(budget, this));
    expect(admission.kind).toBe(isOpen ? 'admitted' : 'refused');
    if (admission.kind === 'refused') return expect(admission.refusal.code).toBe('budget_reached');
    const position = this.made.length + 1;
    admission.reservation.settle(position, BigInt(cost));
    admission.reservation.release();
    this.made.push({ call: made, cost, position });
  }

  /** All that counts, posted or not: the calls that were made on the same days, by the calendar on a wall. */
  private spentIn(budget: Budget): number {
    const now = windowName(budget.period, this.zone, this.nowMs);
    return this.made
      .filter((each) => inScope(budget, each.call) && windowName(budget.period, this.zone, each.call.admittedAtMs) === now)
      .reduce((sum, { cost }) => sum + cost, 0);
  }

  private startRouter(): AccountBudget {
    const hub = new MemoryTotalsHub();
    const router = new AccountBudget(
      this.state(),
      SOURCE,
      new SynchronisedTotals({ participant: 'a', transport: hub.transport() }),
    );
    for (const each of this.made.slice(this.posted))
      router.addPending({ position: each.position, costNanoUsd: BigInt(each.cost), call: each.call });
    return router;
  }

  /** As billing tells it: by its own clock, of what it has posted. */
  private state(): AccountState {
    this.version += 1;
    const posted = this.made.slice(0, this.posted);
    return {
      ...ACCOUNT,
      version: this.version,
      time_zone: this.zone,
      posted_positions: { [SOURCE]: this.posted },
      budgets: this.budgets.map((budget) => {
        const now = new Date(this.nowMs + this.skewMs);
        const { startedAt, endsAt } = budgetWindow(budget.period, this.zone, now);
        const spent = posted
          .filter((each) => inScope(budget, each.call))
          .filter(({ call: { admittedAtMs: at } }) => at >= startedAt.getTime() && (endsAt === null || at < endsAt.getTime()))
          .reduce((sum, { cost }) => sum + cost, 0);
        return {
          ...{ budget_id: budget.id, scope: budget.scope, period: budget.period, limit_nano_usd: String(budget.limit) },
          raised_nano_usd: String(budget.raises.get(windowName(budget.period, this.zone, now.getTime())) ?? 0),
          window_started_at: startedAt.toISOString(),
          window_ends_at: endsAt?.toISOString() ?? null,
          spent_nano_usd: String(spent),
        };
      }),
    };
  }
}

const ACCOUNT: AccountState = {
  version: 1,
  account_id: 'acc_1',
  status: 'active',
  plan: { name: 'demo', requests_per_minute: 200, tokens_per_minute: null, concurrent_requests: null },
  balance_nano_usd: '1000000000',
  held_nano_usd: '0',
  posted_positions: {},
};

function inScope({ scope }: Budget, { keyId, userId }: { keyId: string; userId: string | undefined }): boolean {
  return scope.kind === 'account' || scope.id === (scope.kind === 'key' ? keyId : userId);
}

function limitOf(budget: Budget, { zone, nowMs }: World): number {
  return budget.limit + (budget.raises.get(windowName(budget.period, zone, nowMs)) ?? 0);
}

const calendars = new Map(
  ZONES.map((zone) => [zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })] as const),
);

/** What a calendar of that zone shows, and nothing of how windows are computed. */
function windowName(ofPeriod: BudgetPeriod, zone: string, atMs: number): string {
  const day = calendars.get(zone)?.format(atMs) ?? '';
  const monday = new Date(`${day}T00:00:00Z`);
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
  const names = { day, week: monday.toISOString(), month: day.slice(0, 7), lifetime: 'ever' };
  return ofPeriod === 'lifetime' ? 'ever' : `${zone} ${names[ofPeriod]}`;
}

type Plan = typeof PLAN extends fc.Arbitrary<infer Value> ? Value : never;

function play({ start, budgets, steps }: Plan, skewMs: number): void {
  const world = new World(start.at, start.zone, budgets, skewMs);
  for (const { pause: pauseMs, step } of steps) {
    world.nowMs += pauseMs;
    world.step(step);
  }
}

describe('budgets', () => {
  it('admit a lone call exactly while its window has something left, whatever changes, whenever billing catches up', () => {
    fc.assert(
      fc.property(PLAN, (each) => play(each, 0)),
      { numRuns: 300 },
    );
  });

  it('do so while the clocks of billing and of the router differ', () => {
    fc.assert(fc.property(plan(calm), fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS }), play), { numRuns: 150 });
  });
});

const budget = (overrides: Partial<BudgetState> = {}): BudgetState => ({
  ...{ budget_id: 'bdg_1', scope: { kind: 'key', id: 'key_a' }, period: 'day', limit_nano_usd: '100', raised_nano_usd: '0' },
  ...{ window_started_at: '2026-11-01T00:00:00.000Z', window_ends_at: '2026-11-02T00:00:00.000Z', spent_nano_usd: '0' },
  ...overrides,
});
const NOON: SpendingCall = { keyId: 'key_a', userId: 'usr_1', admittedAtMs: Date.parse('2026-11-01T12:00:00Z') };

async function routers(count: number, budgets: readonly BudgetState[]) {
  const hub = new MemoryTotalsHub();
  const all = Array.from({ length: count }, (_, index) => {
    const totals = new SynchronisedTotals({ participant: `r${index}`, transport: hub.transport(), syncIntervalMs: HOUR_MS });
    return { totals, account: new AccountBudget({ ...ACCOUNT, budgets: [...budgets] }, `router/${index}`, totals) };
  });
  const synchronise = async () => {
    for (let round = 0; round < 2; round += 1) for (const { totals } of all) await totals.synchronise();
  };
  for (const { totals } of all) await totals.start();
  await synchronise();
  return {
    accounts: all.map(({ account }) => account),
    synchronise,
    stop: () => Promise.all(all.map(({ totals }) => totals.stop())),
  };
}

const reserve = (account: AccountBudget, nanoUsd: NanoUsd, by = NOON): Admission =>
  account.reserve({ firstNanoUsd: nanoUsd, worstNanoUsd: nanoUsd }, by);

describe('a burst of calls', () => {
  it('passes a budget by one call on each router at the most, and what it reserves is given back', async () => {
    const { accounts, synchronise, stop } = await routers(3, [budget()]);
    const admitted = accounts.flatMap((account) =>
      Array.from({ length: 20 }, () => reserve(account, 30n)).flatMap((each) =>
        each.kind === 'admitted' ? [each.reservation] : [],
      ),
    );
    expect(admitted.length * 30).toBeLessThanOrEqual(100 + 3 * 30);
    for (const each of admitted) each.release();
    await synchronise();
    expect(accounts.map((account) => account.openReservations)).toEqual([0, 0, 0]);
    expect(accounts.map((account) => reserve(account, 1n).kind)).toEqual(['admitted', 'admitted', 'admitted']);
    await stop();
  });

  it('takes nothing of the balance where a budget refuses it', async () => {
    const { accounts, stop } = await routers(1, [budget({ spent_nano_usd: '100' })]);
    const [account] = accounts;
    if (account === undefined) throw new Error('no router');
    expect(reserve(account, 30n).kind).toBe('refused');
    expect([account.openReservations, account.availableNanoUsd]).toEqual([0, 1_000_000_000n]);
    await stop();
  });

  it('that is on its way when a budget is made is part of it', async () => {
    const { accounts, stop } = await routers(1, []);
    const [account] = accounts;
    if (account === undefined) throw new Error('no router');
    const early = reserve(account, 90n);
    account.apply({ ...ACCOUNT, version: 2, budgets: [budget()] });
    expect(reserve(account, 20n).kind).toBe('refused');
    if (early.kind === 'admitted') early.reservation.release();
    expect(reserve(account, 20n).kind).toBe('admitted');
    await stop();
  });
});

describe('a refusal', () => {
  it.each([
    [
      budget({ spent_nano_usd: '100' }),
      'daily budget of key key_a, $0.0000001, is used up: it opens again at 2026-11-02T00:00:00.000Z',
    ],
    [
      budget({ ...{ limit_nano_usd: '0', period: 'lifetime', scope: { kind: 'account', id: null } }, window_ends_at: null }),
      'lifetime budget of the account, $0, is used up: it does not open again by itself',
    ],
  ])('names the scope, the limit and when it opens again', async (state, text) => {
    const { accounts, stop } = await routers(1, [state]);
    const [account] = accounts;
    const admission = account === undefined ? undefined : reserve(account, 1n);
    expect(admission?.kind === 'refused' && admission.refusal).toMatchObject({ code: 'budget_reached' });
    expect(admission?.kind === 'refused' ? admission.refusal.message : '').toContain(text);
    await stop();
  });
});

describe('a stream', () => {
  it('goes on when the budget that it spends from is deleted', async () => {
    const { accounts, stop } = await routers(1, [budget({ limit_nano_usd: '10' })]);
    const [account] = accounts;
    if (account === undefined) throw new Error('no router');
    const [, second] = [1, 2].map(() => account.reserve({ firstNanoUsd: 2n, worstNanoUsd: 500n }, NOON));
    if (second?.kind !== 'admitted') throw new Error('refused');
    expect(second.reservation.growTo(50n)?.code).toBe('budget_reached');
    account.apply({ ...ACCOUNT, version: 2 });
    expect(second.reservation.growTo(50n)).toBeUndefined();
    await stop();
  });
});

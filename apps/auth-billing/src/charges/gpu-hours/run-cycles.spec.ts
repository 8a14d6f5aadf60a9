import fc from 'fast-check';
import { type AccountBalance, planTransactions } from '../../ledger/plan-transactions.js';
import type { Movement, Posting } from '../../ledger/posting.js';
import { cycleCost, nextHold, wholeHold } from './cycle.js';
import { type Hold, takeMovement } from './hold.js';
import { renew, settle, settleLate, type Step } from './run-cycles.js';

const DAY_MS = 86_400_000;
const USD = 1_000_000_000n;
const START = new Date('2026-01-01T00:00:00.000Z');

describe('the documents\u2019 example', () => {
  const capacity = { hourlyRateNanoUsd: (16n * USD) / 10n, gpuCount: 4 };

  it('holds $307.20 for $1.60 × 4 GPUs × 2 replicas × 24 h', () => {
    expect(wholeHold(capacity, 2, DAY_MS)).toBe((3_072n * USD) / 10n);
  });

  it('lasts 5.625 hours on $72', () => {
    const hold = nextHold(72n * USD, wholeHold(capacity, 2, DAY_MS), DAY_MS);
    expect(hold).toEqual({ kind: 'partial', holdNanoUsd: 72n * USD, periodMs: 5.625 * 3_600_000 });
  });

  it('is rounded up once for a cycle', () => {
    expect([
      cycleCost({ hourlyRateNanoUsd: 1n, gpuCount: 1 }, 1n),
      cycleCost({ hourlyRateNanoUsd: 7n, gpuCount: 3 }, 3_600_000n),
    ]).toEqual([1n, 21n]);
  });
});

type Act =
  | { readonly kind: 'run'; readonly ms: number; readonly ready: number }
  | { readonly kind: 'top-up'; readonly amount: bigint }
  | { readonly kind: 'start' | 'stop' | 'worker-death' };

interface Terms {
  readonly rate: bigint;
  readonly gpus: number;
  readonly replicas: number;
}

/** The ten lines: what an account is left with, as anybody would reckon it. */
function model(terms: Terms, opening: bigint, acts: readonly Act[]): { available: bigint; held: bigint; paid: bigint } {
  const ceil = (ms: bigint): bigint => (terms.rate * BigInt(terms.gpus) * ms + 3_599_999n) / 3_600_000n;
  const whole = ceil(BigInt(terms.replicas * DAY_MS));
  let [now, ends, ready, available, held, paid, isOn] = [0, 0, 0n, opening, 0n, 0n, false];
  const settleNow = () => ([available, paid, held, ready] = [available + held - ceil(ready), paid + ceil(ready), 0n, 0n]);
  const hold = (from: number, mayBePart: boolean) => {
    const part = available >= whole ? BigInt(DAY_MS) : mayBePart && available > 0n ? (BigInt(DAY_MS) * available) / whole : 0n;
    isOn = available >= whole || part >= 1_000n;
    if (isOn) [held, ends] = [available >= whole ? whole : available, from + Number(part)];
    available -= held;
  };
  for (const act of acts) {
    if (act.kind === 'top-up') available += act.amount;
    if (act.kind === 'start' && !isOn) hold(now, false);
    if (act.kind === 'stop' && isOn) {
      settleNow();
      isOn = false;
    }
    if (act.kind !== 'run') continue;
    for (let left = act.ms; left > 0;) {
      const step = isOn ? Math.min(left, ends - now) : left;
      if (isOn) ready += BigInt(step * Math.min(act.ready, terms.replicas));
      [now, left] = [now + step, left - step];
      if (isOn && now === ends) {
        settleNow();
        hold(now, true);
      }
    }
  }
  return { available, held, paid };
}

/** The product's own steps over a ledger that takes every cause once; a worker's death repeats its last step. */
class Account {
  postings: Posting[] = [];
  balance: AccountBalance;
  hold: Hold | undefined;
  now = 0;
  readyMs = 0n;
  private run = 0;
  private last: Step | undefined;
  private readonly causes = new Set<string>();

  constructor(
    private readonly terms: Terms,
    opening: bigint,
  ) {
    this.balance = { availableNanoUsd: opening, heldNanoUsd: 0n };
  }

  act(act: Act): void {
    switch (act.kind) {
      case 'top-up':
        this.balance = { ...this.balance, availableNanoUsd: this.balance.availableNanoUsd + act.amount };
        return;
      case 'start':
        if (this.hold?.status !== 'held') this.start();
        return;
      case 'stop':
        if (this.hold?.status === 'held') this.take(settle(this.hold, this.readyMs, this.time()));
        return;
      case 'worker-death':
        if (this.last !== undefined) this.post(this.last.movements);
        return;
      case 'run':
        this.pass(act.ms, act.ready);
    }
  }

  private start(): void {
    const { rate, gpus, replicas } = this.terms;
    const holdNanoUsd = wholeHold({ hourlyRateNanoUsd: rate, gpuCount: gpus }, replicas, DAY_MS);
    if (this.balance.availableNanoUsd < holdNanoUsd) return;
    this.run += 1;
    const hold: Hold = {
      ...{
        instanceId: 1,
        run: this.run,
        accountId: 'acc',
        status: 'held',
        gpuType: 'g',
        gpuCount: gpus,
        replicas,
        cycle: 1,
        version: 1,
      },
      ...{ hourlyRateNanoUsd: rate, holdNanoUsd, partial: false, accruedNanoUsd: 0n, settledMs: this.readyMs },
      ...{ cycleStartedAt: this.time(), cycleEndsAt: new Date(this.time().getTime() + DAY_MS), createdAt: this.time() },
    };
    this.take({ hold, movements: takeMovement(hold, this.time()) });
  }

  private pass(ms: number, ready: number): void {
    for (let left = ms; left > 0;) {
      const isOn = this.hold?.status === 'held';
      const untilEnd = isOn ? Number(this.hold?.cycleEndsAt) - this.time().getTime() : left;
      const step = Math.min(left, untilEnd);
      if (isOn) this.readyMs += BigInt(step * Math.min(ready, this.terms.replicas));
      this.now += step;
      left -= step;
      if (isOn && this.hold !== undefined && step === untilEnd)
        this.take(
          renew(this.hold, {
            balance: this.balance,
            readyMs: this.readyMs,
            hourlyRateNanoUsd: this.terms.rate,
            periodMs: DAY_MS,
          }),
        );
    }
  }

  private take(step: Step): void {
    this.post(step.movements);
    this.hold = step.hold;
    this.last = step;
  }

  private post(movements: readonly Movement[]): void {
    const fresh = movements.filter(({ cause }) => !this.causes.has(`${cause.eventId}/${cause.line}`));
    for (const { cause } of fresh) this.causes.add(`${cause.eventId}/${cause.line}`);
    const planned = planTransactions(fresh, new Map([['acc', this.balance]]), this.time());
    this.balance = planned.balances.get('acc') ?? this.balance;
    this.postings.push(...planned.postings);
  }

  private time(): Date {
    return new Date(START.getTime() + this.now);
  }
}

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('run' as const), ms: fc.integer({ min: 1, max: 4 * DAY_MS }), ready: fc.nat(4) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('top-up' as const), amount: fc.bigInt(1n, 500n * USD) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('start' as const, 'stop' as const, 'worker-death' as const) }) },
);
const terms = fc.record({
  rate: fc.bigInt(1n, 10n * USD),
  gpus: fc.integer({ min: 1, max: 8 }),
  replicas: fc.integer({ min: 1, max: 4 }),
});

describe('cycles of a run', () => {
  it('leave an account with what the ten lines say, to the nano-dollar, whatever starts, stops, is topped up, or dies', () => {
    fc.assert(
      fc.property(terms, fc.bigInt(0n, 2_000n * USD), fc.array(act, { maxLength: 90 }), (terms, opening, acts) => {
        const account = new Account(terms, opening);
        const started: Act[] = [{ kind: 'start' }, ...acts];
        for (const each of started) account.act(each);
        const expected = model(terms, opening, started);
        expect(account.balance).toEqual({ availableNanoUsd: expected.available, heldNanoUsd: expected.held });
        const paid = account.postings.reduce(
          (sum, posting) => (posting.type === 'gpu_usage' ? sum - posting.amountNanoUsd : sum),
          0n,
        );
        expect(paid).toBe(expected.paid);
      }),
      { numRuns: 300 },
    );
  });

  it('charge ready time that becomes known after the end as a cycle of its own, and nothing for none', () => {
    const account = new Account({ rate: USD, gpus: 1, replicas: 1 }, 100n * USD);
    account.act({ kind: 'start' });
    account.act({ kind: 'stop' });
    expect(account.balance.availableNanoUsd).toBe(100n * USD);
    if (account.hold === undefined) throw new Error('there is no run');
    const late = settleLate(account.hold, 3_600_000n, START);
    expect(late.movements.map(({ type, cause }) => [type, cause.eventId])).toEqual([['gpu_usage', 'hold_1_1_2']]);
    expect(settleLate(late.hold, 3_600_000n, START).movements).toEqual([]);
  });
});

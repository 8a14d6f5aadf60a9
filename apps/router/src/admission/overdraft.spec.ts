import type { AccountState, InstanceRecord } from '@ecolink/contracts';
import { MemoryTotalsHub, SynchronisedTotals } from '@ecolink/shared-state';
import fc from 'fast-check';
import {
  CONTEXT,
  costOfCall,
  outputOf,
  PLANNED_ENDPOINTS,
  type PlannedCall,
  plannedCall,
  plannedCalls,
  PRICES,
  worstCaseOf,
} from '../../test/support/planned-calls.js';
import type { InferenceBody } from '../apis/body/parse-inference-body.js';
import { INFERENCE_ENDPOINTS } from '../apis/endpoints.js';
import type { UsageJournal } from '../settlement/journal/usage-journal.js';
import { AccountBudget, SpendingExtremes } from './account-budget.js';
import type { OutputCover } from './output-cover.js';
import { reservePayment } from './reserve-payment.js';
import type { Caller } from './read-key.js';
import { sizeOf } from './size-of-call.js';
import { TokenLimiter } from './token-limiter.js';
import type { Target } from './resolve-target.js';

const TARGET: Target = {
  instance: { instance_id: 1 } as InstanceRecord,
  platformModelId: 'm',
  servedModelName: 'm',
  prices: PRICES,
  contextLength: CONTEXT,
  regions: undefined,
  model: 'm',
};
const JOURNAL = { reserve: () => true, releaseReservation: () => undefined } as unknown as UsageJournal;
const EXCHANGE = { setTokenLimitHeaders: () => undefined, admittedAt: new Date(0) };

interface RunningCall {
  readonly planned: PlannedCall;
  readonly router: Router;
  readonly cover: OutputCover;
  readonly isStream: boolean;
  outputTokens: number;
}

interface Router {
  readonly totals: SynchronisedTotals;
  readonly budget: AccountBudget;
  position: number;
}

const account: AccountState = {
  version: 1,
  account_id: 'acc_1',
  status: 'active',
  plan: { name: 'demo', requests_per_minute: 200, tokens_per_minute: null, concurrent_requests: null },
  balance_nano_usd: '0',
  held_nano_usd: '0',
  posted_positions: {},
};

async function startRouters(count: number, balance: number): Promise<Router[]> {
  const hub = new MemoryTotalsHub();
  const routers = Array.from({ length: count }, (_, index) => {
    const totals = new SynchronisedTotals({ participant: `r${index}`, transport: hub.transport(), syncIntervalMs: 3_600_000 });
    const state = { ...account, balance_nano_usd: String(balance) };
    return { totals, budget: new AccountBudget(state, `router/r${index}`, totals, new SpendingExtremes()), position: 0 };
  });
  for (const { totals } of routers) await totals.start();
  await synchronise(routers);
  return routers;
}

/** Twice: the second time all have heard what the others had heard. */
async function synchronise(routers: readonly Router[]): Promise<void> {
  for (let round = 0; round < 2; round += 1) for (const { totals } of routers) await totals.synchronise();
}

function admit(router: Router, planned: PlannedCall): { cover: OutputCover; parsed: InferenceBody } | undefined {
  const api = INFERENCE_ENDPOINTS.get(planned.endpoint);
  if (api === undefined) throw new Error(`${planned.endpoint} is not served`);
  const result = api.readBody(Buffer.from(JSON.stringify(planned.body)));
  if (result.kind === 'refusal') throw new Error(result.refusal.message);
  const caller = { account: router.budget, key: {} } as unknown as Caller;
  const parts = { journal: JOURNAL, tokens: new TokenLimiter(router.totals) };
  const payment = reservePayment(parts, EXCHANGE, caller, TARGET, sizeOf(result.body, api));
  return payment.kind === 'ok' ? { cover: payment.value.cover, parsed: result.body } : undefined;
}

/** From 1 nano-USD, which are found as often as what pays for several calls. */
const balances = fc.oneof(
  fc.integer({ min: 1, max: 50 }),
  fc.integer({ min: 1, max: 60_000 }),
  fc.integer({ min: 1, max: 2_000_000 }),
);

/** Runs calls that overlap, over routers that hear of each other now and then. @returns what they cost together. */
async function play(routers: readonly Router[], calls: readonly PlannedCall[]): Promise<number> {
  const running: RunningCall[] = [];
  let cost = 0;
  const end = (call: RunningCall): void => {
    const spent = costOfCall(call.planned, call.outputTokens);
    cost += spent;
    call.router.position += 1;
    call.cover.reservation.settle(call.router.position, BigInt(spent));
    call.cover.reservation.release();
    running.splice(running.indexOf(call), 1);
  };
  const goOn = (call: RunningCall): void => {
    const all = Math.floor(outputOf(call.planned) * call.planned.part);
    call.outputTokens = call.isStream ? Math.min(all, call.outputTokens + 300) : all;
    const isRefused = call.cover.cover(call.outputTokens) !== undefined;
    // What is not covered is not delivered.
    if (isRefused) call.outputTokens = Math.min(call.outputTokens, call.cover.coveredTokens);
    if (call.outputTokens === all || isRefused) end(call);
  };
  for (const planned of calls) {
    const router = routers[planned.router % routers.length];
    if (router === undefined) throw new Error('no router');
    const admitted = admit(router, planned);
    if (admitted !== undefined)
      running.push({ planned, router, cover: admitted.cover, isStream: admitted.parsed.stream, outputTokens: 0 });
    for (let step = 0; step < planned.progress; step += 1) {
      const call = running[(step * 7) % Math.max(1, running.length)];
      if (call !== undefined) goOn(call);
    }
    if (planned.synchronises) await synchronise(routers);
  }
  for (let call = running[0]; call !== undefined; call = running[0]) goOn(call);
  return cost;
}

/** The furthest that was seen, for the line that the run ends with. */
interface Extremes {
  plays: number;
  calls: number;
  overdraftNanoUsd: number;
  /** Overdraft / (routers × the dearest call of its play): 1 is the bound. */
  partOfBound: number;
  leaks: number;
  loneCalls: number;
  loneCallsRefused: number;
}

it('plans calls to every endpoint that takes JSON', () => {
  const served = [...INFERENCE_ENDPOINTS.values()].filter(({ takes, isJob }) => takes === 'json' && isJob === undefined);
  expect(new Set(PLANNED_ENDPOINTS)).toEqual(new Set(served.map(({ path }) => path)));
});

describe.each([1, 3])('calls of one account at once over %d router(s)', (count) => {
  const seen: Extremes = {
    plays: 0,
    calls: 0,
    overdraftNanoUsd: 0,
    partOfBound: 0,
    leaks: 0,
    loneCalls: 0,
    loneCallsRefused: 0,
  };

  afterAll(() => {
    const { partOfBound, overdraftNanoUsd, plays, calls, leaks, loneCalls, loneCallsRefused } = seen;
    process.stderr.write(
      `overdraft over ${count} router(s): at most ${(100 * partOfBound).toFixed(1)} % of routers × dearest call ` +
        `(${overdraftNanoUsd} nano-USD) in ${plays} plays of ${calls} calls; ${leaks} reservations leaked; ` +
        `${loneCallsRefused} of ${loneCalls} lone calls refused\n`,
    );
  });

  it('overdraw it by no more than the dearest one on every router, and leave no reservation behind', async () => {
    await fc.assert(
      fc.asyncProperty(balances, plannedCalls, async (balance, calls) => {
        const routers = await startRouters(count, balance);
        const cost = await play(routers, calls);
        const bound = count * Math.max(...calls.map(worstCaseOf));
        await synchronise(routers);
        seen.plays += 1;
        seen.calls += calls.length;
        seen.overdraftNanoUsd = Math.max(seen.overdraftNanoUsd, cost - balance);
        seen.partOfBound = Math.max(seen.partOfBound, (cost - balance) / bound);
        for (const { budget, totals } of routers) {
          seen.leaks += budget.openReservations + (totals.others('reserved:acc_1') === 0n ? 0 : 1);
          await totals.stop();
        }
        expect({ isWithinBound: cost - balance <= bound, leaks: seen.leaks }).toEqual({ isWithinBound: true, leaks: 0 });
      }),
      { numRuns: 200 },
    );
    // Calls that never run past zero would hold every bound, and test none.
    expect(seen.overdraftNanoUsd).toBeGreaterThan(0);
  }, 120_000);

  it('are served one by one while anything is left, whatever they may cost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000 }), plannedCall, async (balance, call) => {
        const routers = await startRouters(count, balance);
        const router = routers[call.router % count];
        const isServed = router !== undefined && admit(router, call) !== undefined;
        seen.loneCalls += 1;
        seen.loneCallsRefused += isServed ? 0 : 1;
        for (const { totals } of routers) await totals.stop();
        expect(isServed).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

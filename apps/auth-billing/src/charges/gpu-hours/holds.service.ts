import {
  ApiError,
  type HoldQuote,
  type HoldView,
  HOLD_UNCONFIRMED_MS,
  nanoUsdToUsdLiteral,
  type PutHold,
  type QuoteHold,
} from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { findAccount } from '../../identity/accounts/accounts.store.js';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';
import { wholeHold } from './cycle.js';
import { changeHold, type HoldContext } from './change-hold.js';
import type { Hold } from './hold.js';
import { findHold, readDueHolds, readGpuRate, readReadyTime } from './holds.store.js';
import { renew, settle, type Step } from './run-cycles.js';
import { takeMovement } from './hold.js';

const DUE_MAX = 200;
/** Cycles that one run may be behind; at a day each, nearly three years. */
const CYCLES_BEHIND_MAX = 1_000;

/** Money set aside for instances on GPUs: taken before a launch, settled and renewed cycle by cycle. */
@Injectable()
export class Holds {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async quote(request: QuoteHold): Promise<HoldQuote> {
    const { client } = this.database;
    const account = await findAccount(client, request.account_id);
    if (account === undefined || account.deleted_at !== null) throw new ApiError('not_found', 'there is no such account');
    const rate = await readGpuRate(client, request.gpu_type, this.clock());
    const hold = this.wholeHoldOf(request, rate);
    return {
      hourly_rate_nano_usd: String(rate),
      hold_nano_usd: String(hold),
      affordable: hold === 0n || BigInt(account.balance_nano_usd) >= hold,
    };
  }

  /** Takes the hold of a run, or gives the one that was taken for it. 402 when short; 409 where the run is over. */
  async take(instanceId: number, run: number, request: PutHold): Promise<HoldView> {
    const taken = await changeHold(this.database, { accountId: request.account_id, now: this.clock() }, async (context) => {
      const known = await findHold(context.transaction, instanceId, run);
      return known === undefined
        ? this.first(context, { instanceId, run, request })
        : { hold: repeated(known, request), movements: [] };
    });
    if (taken === undefined) throw new Error(`no hold came of run ${run} of instance ${instanceId}`);
    return toHoldView(taken);
  }

  /** Gives the hold of a launch back that did not commit. A run that began is left as it is. */
  async drop(instanceId: number, run: number): Promise<void> {
    const found = await findHold(this.database.client, instanceId, run);
    if (found === undefined) throw new ApiError('not_found', 'there is no such hold');
    await this.changeRun(found, async (hold, { transaction, now }) => {
      if (hold.status !== 'pending') return undefined;
      return settle(hold, await readReadyTime(transaction, instanceId), now);
    });
  }

  /** Settles and renews what is due and gives unconfirmed holds back. @returns how many runs were looked at. */
  async advance(): Promise<number> {
    const now = this.clock();
    const due = await readDueHolds(this.database, now, new Date(now.getTime() - HOLD_UNCONFIRMED_MS), DUE_MAX);
    for (const each of due) for (let cycle = 0; cycle < CYCLES_BEHIND_MAX && (await this.advanceOne(each)); cycle += 1);
    return due.length;
  }

  /** One cycle, or the end of a hold that nothing confirmed. False where nothing more is due. */
  private async advanceOne(due: Pick<Hold, 'instanceId' | 'run' | 'accountId'>): Promise<boolean> {
    const after = await this.changeRun(due, async (hold, { transaction, balance, now }) => {
      const readyMs = await readReadyTime(transaction, hold.instanceId);
      const isUnconfirmed = hold.status === 'pending' && hold.createdAt.getTime() + HOLD_UNCONFIRMED_MS <= now.getTime();
      if (isUnconfirmed) return settle(hold, readyMs, now);
      if (hold.status !== 'held' || hold.cycleEndsAt > now) return undefined;
      const hourlyRateNanoUsd = await readGpuRate(transaction, hold.gpuType, hold.cycleEndsAt);
      return renew(hold, { balance, readyMs, hourlyRateNanoUsd, periodMs: this.settings.holdPeriodMs });
    });
    return after?.status === 'held' && after.cycleEndsAt <= this.clock();
  }

  private changeRun(
    { instanceId, run, accountId }: Pick<Hold, 'instanceId' | 'run' | 'accountId'>,
    decide: (hold: Hold, context: HoldContext) => Promise<Step | undefined>,
  ): Promise<Hold | undefined> {
    return changeHold(this.database, { accountId, now: this.clock() }, async (context) => {
      const hold = await findHold(context.transaction, instanceId, run);
      return hold === undefined ? undefined : decide(hold, context);
    });
  }

  private async first(
    { transaction, balance, now }: HoldContext,
    { instanceId, run, request }: { instanceId: number; run: number; request: PutHold },
  ): Promise<Step> {
    // Its lock is held: a deletion comes before, and is seen here, or after, and ends what is launched.
    const account = await findAccount(transaction, request.account_id);
    if (account?.deleted_at !== null) throw new ApiError('not_found', 'there is no such account');
    const hourlyRateNanoUsd = await readGpuRate(transaction, request.gpu_type, now);
    const holdNanoUsd = this.wholeHoldOf(request, hourlyRateNanoUsd);
    if (holdNanoUsd > 0n && balance.availableNanoUsd < holdNanoUsd) throw shortOf(holdNanoUsd);
    const hold: Hold = {
      ...{ instanceId, run, accountId: request.account_id, status: 'pending', cycle: 1, version: 1 },
      ...{ gpuType: request.gpu_type, gpuCount: request.gpu_count, replicas: request.replicas },
      ...{ hourlyRateNanoUsd, holdNanoUsd, partial: false, accruedNanoUsd: 0n },
      ...{ cycleStartedAt: now, cycleEndsAt: new Date(now.getTime() + this.settings.holdPeriodMs), createdAt: now },
      settledMs: await readReadyTime(transaction, instanceId),
    };
    return { hold, movements: takeMovement(hold, now) };
  }

  private wholeHoldOf(request: QuoteHold, hourlyRateNanoUsd: bigint): bigint {
    const capacity = { hourlyRateNanoUsd, gpuCount: request.gpu_count };
    return wholeHold(capacity, request.replicas, this.settings.holdPeriodMs);
  }
}

function repeated(known: Hold, request: PutHold): Hold {
  const isSame =
    known.accountId === request.account_id &&
    known.gpuType === request.gpu_type &&
    known.gpuCount === request.gpu_count &&
    (known.status !== 'pending' || known.replicas === request.replicas);
  if (isSame && (known.status === 'pending' || known.status === 'held')) return known;
  throw new ApiError('invalid_state', isSame ? 'this run is over: a new start has a new number' : 'the run has another hold');
}

function shortOf(holdNanoUsd: bigint): ApiError {
  return new ApiError('insufficient_balance', `the balance does not cover the hold of $${nanoUsdToUsdLiteral(holdNanoUsd)}`);
}

function toHoldView(hold: Hold): HoldView {
  return {
    instance_id: hold.instanceId,
    run: hold.run,
    hourly_rate_nano_usd: String(hold.hourlyRateNanoUsd),
    hold_nano_usd: String(hold.holdNanoUsd),
    cycle_ends_at: hold.cycleEndsAt.toISOString(),
  };
}

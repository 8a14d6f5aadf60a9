import { type BusEvent, type HoldState, type HoldStatus, newId, TOPIC } from '@ecolink/contracts';
import { EVENT_SOURCE } from '../../event-source.js';
import { availableOf, heldOf, type Movement, transfer } from '../../ledger/posting.js';

/** One run of an instance on GPUs, and its present cycle. */
export interface Hold {
  readonly instanceId: number;
  readonly run: number;
  readonly accountId: string;
  readonly status: HoldStatus;
  readonly gpuType: string;
  readonly gpuCount: number;
  readonly replicas: number;
  readonly cycle: number;
  readonly hourlyRateNanoUsd: bigint;
  readonly holdNanoUsd: bigint;
  readonly partial: boolean;
  readonly cycleStartedAt: Date;
  readonly cycleEndsAt: Date;
  readonly settledMs: bigint;
  readonly accruedNanoUsd: bigint;
  readonly createdAt: Date;
  readonly version: number;
}

const GPU_REVENUE = 'revenue:gpu_usage';
const LINE = { hold: 0, release: 1, usage: 2 } as const;

/** Sets the cycle's hold aside; nothing where it is 0. */
export function takeMovement(hold: Hold, at: Date): readonly Movement[] {
  if (hold.holdNanoUsd === 0n) return [];
  const legs = transfer(heldOf(hold.accountId), availableOf(hold.accountId), hold.holdNanoUsd);
  return [movement(hold, { type: 'hold', line: LINE.hold, legs, at, description: `Hold for instance ${hold.instanceId}` })];
}

/** Gives a cycle's hold back and takes what it has used; only what is not 0. */
export function settleMovements(hold: Hold, usedNanoUsd: bigint, at: Date): readonly Movement[] {
  const { accountId, instanceId } = hold;
  const release = transfer(availableOf(accountId), heldOf(accountId), hold.holdNanoUsd);
  const usage = transfer(availableOf(accountId), GPU_REVENUE, -usedNanoUsd);
  return [
    ...(hold.holdNanoUsd === 0n
      ? []
      : [
          movement(hold, {
            type: 'hold_release',
            line: LINE.release,
            legs: release,
            at,
            description: `Hold of instance ${instanceId} given back`,
          }),
        ]),
    ...(usedNanoUsd === 0n
      ? []
      : [movement(hold, { type: 'gpu_usage', line: LINE.usage, legs: usage, at, description: gpuHours(hold) })]),
  ];
}

function gpuHours({ instanceId, gpuCount, gpuType }: Hold): string {
  return `GPU hours of instance ${instanceId} (${gpuCount} × ${gpuType} a replica)`;
}

function movement(
  hold: Hold,
  parts: Pick<Movement, 'type' | 'legs' | 'description'> & { readonly line: number; readonly at: Date },
): Movement {
  return {
    accountId: hold.accountId,
    type: parts.type,
    legs: parts.legs,
    description: parts.description,
    cause: { kind: 'hold', source: EVENT_SOURCE, eventId: `hold_${hold.instanceId}_${hold.run}_${hold.cycle}`, line: parts.line },
    instanceId: hold.instanceId,
    occurredAt: parts.at,
  };
}

function toHoldState(hold: Hold): HoldState {
  return {
    version: hold.version,
    instance_id: hold.instanceId,
    account_id: hold.accountId,
    run: hold.run,
    status: hold.status,
    cycle: hold.cycle,
    hourly_rate_nano_usd: String(hold.hourlyRateNanoUsd),
    hold_nano_usd: String(hold.holdNanoUsd),
    partial: hold.partial,
    cycle_started_at: hold.cycleStartedAt.toISOString(),
    cycle_ends_at: hold.cycleEndsAt.toISOString(),
  };
}

export function holdChangedEvent(hold: Hold, now: Date): BusEvent<HoldState> {
  return {
    id: newId('evt', now.getTime()),
    source: EVENT_SOURCE,
    topic: TOPIC.holdChanged,
    key: String(hold.instanceId),
    occurredAt: now,
    data: toHoldState(hold),
  };
}

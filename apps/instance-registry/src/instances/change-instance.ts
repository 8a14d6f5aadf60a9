import { ApiError, type TerminationReason } from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import { counter } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type AuditNote, changedMembers } from '../audit/audit-event.js';
import { auditedInstance } from '../audit/audited-instance.js';
import { type Lifecycle, settle } from '../lifecycle/state-machine.js';
import { CLOCK, type Clock } from '../settings.js';
import { type HistoryRow, InstanceChangesStore, type InstanceFields } from './instance-changes.store.js';
import { InstancesStore } from './instances.store.js';
import type { StoredInstance } from './instance.js';
import { summaryOf } from './instance-pods.js';
import { progressPercent, type StartFields, startFields } from './start-fields.js';

/** What somebody wants of an instance; without it, only what was observed is followed. */
export interface RequestedChange {
  readonly kind: string;
  /** Where the steps go on from, when that is not where the instance stands. */
  readonly state?: 'pending' | 'failed' | undefined;
  readonly desiredState?: Lifecycle['desiredState'];
  readonly actionReason?: string | null;
  readonly terminationReason?: TerminationReason;
  readonly fields?: InstanceFields | undefined;
  /** For the account's audit log: who wished it, and what it is called there. What changed of the instance is added. */
  readonly audit?: Pick<AuditNote, 'actor' | 'action'> | undefined;
}

/** Decides under the instance's lock. `undefined`: nothing is wished, though what was written may let states move. */
export type DecideChange = (instance: StoredInstance, transaction: Transaction) => Promise<RequestedChange | undefined>;

/** Kind of a history's first row. */
export const LAUNCHED = 'launched';

const ATTEMPTS_MAX = 3;
const changes = counter('ecolink_instance_changes_total', 'New versions of instances, by what made them', ['kind']);

/** The one way an instance changes: lock, decide, settle, compare-and-swap, history, event, all in one transaction. */
@Injectable()
export class ChangeInstance {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(InstancesStore) private readonly instances: InstancesStore,
    @Inject(InstanceChangesStore) private readonly changes: InstanceChangesStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Changes one instance in a transaction of its own. `undefined` when there is none (or, skipping, it is locked). */
  async change(id: number, decide: DecideChange, options: { skipLocked?: boolean } = {}): Promise<StoredInstance | undefined> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const result = await this.database.transaction((transaction) => this.changeWithin(transaction, id, decide, options));
      if (result !== 'changed-meanwhile') return result;
    }
    throw new ApiError('invalid_state', `instance ${id} is being changed by others; try again`, { retryAfterSeconds: 1 });
  }

  /** The same as part of a larger transaction; the caller gives up on `changed-meanwhile`. */
  async changeWithin(
    transaction: Transaction,
    id: number,
    decide: DecideChange,
    options: { skipLocked?: boolean } = {},
  ): Promise<StoredInstance | undefined | 'changed-meanwhile'> {
    const before = await this.instances.lock(transaction, id, options);
    if (before === undefined) return undefined;
    const wish = await decide(before, transaction);
    const current = await this.mustFind(transaction, id);
    return this.settleAndSave(transaction, before, current, wish);
  }

  private async settleAndSave(
    transaction: Transaction,
    before: StoredInstance,
    current: StoredInstance,
    wish: RequestedChange | undefined,
  ): Promise<StoredInstance | 'changed-meanwhile'> {
    const now = this.clock();
    const wished = wishedLifecycle(current.lifecycle, wish);
    const settled = settle(wished, summaryOf(current), now.getTime() - current.stateSince.getTime());
    const history = historyOf(before.lifecycle, wish, wished, settled.steps, settled.lifecycle);
    const started = startFields(current, wished, settled.lifecycle, now);
    if (wish === undefined && history.length === 0 && !isDifferent(before, current, settled.lifecycle, started)) return current;
    const fields = {
      ...wish?.fields,
      ...started,
      ...(wish?.terminationReason === undefined ? {} : { terminationReason: wish.terminationReason }),
    };
    if (!(await this.changes.saveLifecycle(transaction, current, settled.lifecycle, fields, now))) return 'changed-meanwhile';
    if (wish !== undefined) await this.changes.touchDeployments(transaction, current.id);
    await this.changes.appendHistory(transaction, current.id, history, now);
    const after = await this.mustFind(transaction, current.id);
    await this.changes.publish(transaction, after, now, auditNoteOf(before, after, wish));
    changes.inc({ kind: wish?.kind ?? 'observed' });
    return after;
  }

  private async mustFind(transaction: Transaction, id: number): Promise<StoredInstance> {
    const instance = await this.instances.find(id, transaction);
    if (instance === undefined) throw new Error(`instance ${id} vanished under its lock`);
    return instance;
  }
}

function auditNoteOf(before: StoredInstance, after: StoredInstance, wish: RequestedChange | undefined): AuditNote | undefined {
  if (wish?.audit === undefined) return undefined;
  const note = { ...wish.audit, target: String(after.id) };
  if (wish.kind === LAUNCHED) return { ...note, after: auditedInstance(after) };
  return { ...note, ...changedMembers(auditedInstance(before), auditedInstance(after)) };
}

function wishedLifecycle(lifecycle: Lifecycle, wish: RequestedChange | undefined): Lifecycle {
  if (wish === undefined) return lifecycle;
  return {
    ...lifecycle,
    state: wish.state ?? lifecycle.state,
    desiredState: wish.desiredState ?? lifecycle.desiredState,
    actionReason: wish.actionReason === undefined ? lifecycle.actionReason : wish.actionReason,
  };
}

/** Observations count as a change too: the cumulative ready time is published with every one that is new. */
function isDifferent(before: StoredInstance, current: StoredInstance, after: Lifecycle, started: StartFields): boolean {
  const { statusReason } = current.lifecycle;
  return (
    statusReason !== after.statusReason ||
    started.phase !== undefined ||
    readySeconds(before) !== readySeconds(current) ||
    progressPercent(before) !== progressPercent(current)
  );
}

function readySeconds(instance: StoredInstance): number {
  return instance.deployments.reduce((sum, deployment) => sum + (deployment.observation?.readySeconds ?? 0), 0);
}

function historyOf(
  before: Lifecycle,
  wish: RequestedChange | undefined,
  wished: Lifecycle,
  steps: readonly { from: Lifecycle['state']; to: Lifecycle['state'] }[],
  after: Lifecycle,
): HistoryRow[] {
  const rows: HistoryRow[] = [];
  if (wish !== undefined)
    rows.push({
      kind: wish.kind,
      fromState: wish.kind === LAUNCHED ? null : before.state,
      lifecycle: { ...wished, statusReason: wished.actionReason },
    });
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    rows.push({
      kind: 'state_changed',
      fromState: step.from,
      lifecycle: isLast ? after : { ...after, state: step.to, degraded: false, statusReason: null },
    });
  }
  if (steps.length === 0 && before.degraded !== after.degraded) {
    rows.push({ kind: after.degraded ? 'degraded' : 'recovered', fromState: before.state, lifecycle: after });
  }
  return rows;
}

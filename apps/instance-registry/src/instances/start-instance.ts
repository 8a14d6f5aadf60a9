import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../settings.js';
import { ChangeInstance, LAUNCHED } from './change-instance.js';
import { InstanceChangesStore } from './instance-changes.store.js';
import type { InstanceDraft, StoredInstance } from './instance.js';

/** Writes a new instance with its first history row and event. */
@Injectable()
export class StartInstance {
  constructor(
    @Inject(InstanceChangesStore) private readonly changes: InstanceChangesStore,
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async start(transaction: Transaction, draft: InstanceDraft): Promise<StoredInstance> {
    const id = await this.changes.insert(transaction, draft, this.clock());
    const launched = await this.changer.changeWithin(transaction, id, () => Promise.resolve({ kind: LAUNCHED }));
    if (launched === undefined || launched === 'changed-meanwhile')
      throw new Error(`instance ${id} changed before it was committed`);
    return launched;
  }
}

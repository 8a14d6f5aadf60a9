import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BusEvent } from '@ecolink/contracts';
import type { EventBus } from '@ecolink/messaging';
import type { Logger } from '@ecolink/runtime';
import { journalRecord } from '../../../test/support/journal-record.js';
import { OrphanedJournals } from './orphaned-journals.js';
import { UsageJournal } from './usage-journal.js';

const logger = { warn: () => undefined } as unknown as Logger;

let directory: string;
let published: BusEvent[];
let isBusUp: boolean;
const bus = {
  publish: (events: readonly BusEvent[]) => {
    if (!isBusUp) return Promise.reject(new Error('down'));
    published.push(...events);
    return Promise.resolve();
  },
} as unknown as EventBus;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'journals-'));
  published = [];
  isBusUp = true;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function journalOf(routerId: string): UsageJournal {
  return new UsageJournal({ directory: path.join(directory, routerId) });
}

function append(journal: UsageJournal, routerId: string, count: number): number[] {
  return Array.from({ length: count }, () => {
    const position = journal.nextPosition();
    journal.append(journalRecord(position, routerId));
    return position;
  });
}

function orphansSeenBy(ownId: string): OrphanedJournals {
  return new OrphanedJournals({ directory, ownId, bus, logger });
}

describe('the journals of a machine’s routers', () => {
  it('that nobody holds are published once, under the source and at the positions of the router that died', async () => {
    const dead = journalOf('dead');
    const positions = append(dead, 'dead', 700);
    dead.close();
    expect(await orphansSeenBy('me').drain()).toBe(700);
    expect(published.map(({ source }) => source)).toEqual(positions.map(() => 'router/dead'));
    expect(published.map(({ data }) => (data as { journal_position: number }).journal_position)).toEqual(positions);
    expect(await orphansSeenBy('me').drain()).toBe(0);
  });

  it('that a living router holds are left to it, and so is one’s own', async () => {
    const living = journalOf('living');
    append(living, 'living', 3);
    const own = journalOf('me');
    append(own, 'me', 3);
    own.close();
    expect(await orphansSeenBy('me').drain()).toBe(0);
    expect(living.readWaiting()).toHaveLength(3);
    living.close();
  });

  it('lose nothing while the bus is down, and the router that comes back goes on with them', async () => {
    const dead = journalOf('dead');
    append(dead, 'dead', 3);
    dead.close();
    isBusUp = false;
    await expect(orphansSeenBy('me').drain()).rejects.toThrow('down');
    const back = journalOf('dead');
    expect(back.readWaiting()).toHaveLength(3);
    back.close();
  });
});

import { existsSync, mkdtempSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mountSmallFileSystem } from '@ecolink/testing';
import { journalRecord } from '../../../test/support/journal-record.js';
import type { JournalRecord } from './journal-record.js';
import { UsageJournal, type UsageJournalOptions } from './usage-journal.js';

const KIB = 1_024;
/** Writing to it, at its beginning, is an I/O error (EIO): nothing of a process is mapped there. */
const BROKEN = '/proc/self/mem';
const small = mountSmallFileSystem(512 * KIB);
const onSmallDisk = small === undefined ? it.skip : it;
const onLinux = existsSync(BROKEN) ? it : it.skip;

let nowMs: number;
let directory: string;
const told: unknown[] = [];
const lost: JournalRecord[] = [];

beforeEach(() => {
  nowMs = 5_000_000;
  told.length = 0;
  lost.length = 0;
  directory = mkdtempSync(path.join(small?.directory ?? tmpdir(), 'journal-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
afterAll(() => small?.remove());

function open(options: Partial<UsageJournalOptions> = {}): UsageJournal {
  return new UsageJournal({
    directory,
    now: () => nowMs,
    onDiskChange: (failure) => told.push(failure === undefined ? 'again' : (failure as NodeJS.ErrnoException).code),
    onLost: (record) => lost.push(record),
    ...options,
  });
}

/** Ends so many calls that had been admitted. @returns their positions. */
function end(journal: UsageJournal, calls: number): number[] {
  return Array.from({ length: calls }, () => {
    const position = journal.nextPosition();
    journal.append(journalRecord(position));
    return position;
  });
}

/** Takes all the room that there is, to the last page. @returns how to give it back. */
function fillDisk(): () => void {
  const file = path.join(directory, 'filler');
  const { bavail, bsize } = statfsSync(directory);
  writeFileSync(file, Buffer.alloc(bavail * bsize));
  return () => rmSync(file);
}

function later(): void {
  nowMs += 1_001;
}

async function positionsIn(journal: UsageJournal): Promise<number[]> {
  const positions: number[] = [];
  for (let batch = await journal.readBatch(500); batch !== undefined; batch = await journal.readBatch(500)) {
    positions.push(...batch.records.map(({ event }) => event.journal_position));
    batch.acknowledge();
  }
  return positions;
}

describe('a journal on a full disk', () => {
  onSmallDisk('bills the calls that are under way, refuses others, and goes on by itself when there is room', async () => {
    const journal = open({ spareBytes: 64 * KIB });
    const before = end(journal, 3);
    const makeRoom = fillDisk();
    const underWay = end(journal, 40);
    expect(journal.reserve()).toBe(false);
    later();
    expect(journal.reserve()).toBe(false);
    expect(journal.readWaiting()).toHaveLength(43);
    makeRoom();
    later();
    expect(journal.reserve()).toBe(true);
    const after = end(journal, 1);
    expect(await positionsIn(journal)).toEqual([...before, ...underWay, ...after]);
    expect(told).toEqual(['ENOSPC', 'again']);
    journal.close();
    expect(lost).toEqual([]);
  });

  onSmallDisk('keeps records in memory that no room is left for, and writes them in their order later', async () => {
    const journal = open();
    const makeRoom = fillDisk();
    const positions = end(journal, 300);
    await journal.appendGathered(journalRecord(positions[300] ?? journal.nextPosition()));
    makeRoom();
    later();
    expect(journal.reserve()).toBe(true);
    const written = await positionsIn(journal);
    expect(written.slice(0, 300)).toEqual(positions);
    expect(written).toHaveLength(301);
    journal.close();
    expect([told, lost]).toEqual([['ENOSPC', 'again'], []]);
  });

  onSmallDisk('says which records are lost when it is closed before there is room', () => {
    const journal = open();
    const makeRoom = fillDisk();
    const positions = end(journal, 50);
    journal.close();
    makeRoom();
    const reopened = open();
    const kept = reopened.readWaiting().map(({ event }) => event.journal_position);
    expect([...kept, ...lost.map(({ event }) => event.journal_position)]).toEqual(positions);
    expect(lost.length).toBeGreaterThan(0);
    reopened.close();
  });

  onSmallDisk('takes no call when it opens without the room for those under way', () => {
    const makeRoom = fillDisk();
    rmSync(path.join(directory, 'filler'));
    const { bavail, bsize } = statfsSync(directory);
    writeFileSync(path.join(directory, 'filler'), Buffer.alloc(bavail * bsize - 8 * KIB));
    const journal = open({ spareBytes: 64 * KIB });
    expect(journal.reserve()).toBe(false);
    makeRoom();
    later();
    expect(journal.reserve()).toBe(true);
    journal.close();
    expect(told).toEqual(['ENOSPC', 'again']);
  });

  onSmallDisk('gives back the room of what the bus has, though the mark of it cannot be kept', async () => {
    const journal = open({ segmentBytesMax: 2 * KIB });
    const positions = end(journal, 20);
    fillDisk();
    expect(await positionsIn(journal)).toEqual(positions);
    // Its own segments were in the way: with them gone the next record fits.
    end(journal, 1);
    expect(journal.readWaiting()).toHaveLength(1);
    journal.close();
  });
});

describe('a journal on a broken disk', () => {
  onLinux('refuses calls, keeps what it cannot write, and goes on when the disk is whole', async () => {
    // The first segment is named by the first position.
    const segment = path.join(directory, `${String(nowMs * 1_000 + 1).padStart(16, '0')}.jsonl`);
    const journal = open();
    symlinkSync(BROKEN, segment);
    const positions = end(journal, 2);
    expect(journal.reserve()).toBe(false);
    later();
    expect(journal.reserve()).toBe(false);
    rmSync(segment);
    later();
    expect(journal.reserve()).toBe(true);
    expect(await positionsIn(journal)).toEqual(positions);
    journal.close();
    expect([told, lost]).toEqual([['EIO', 'again'], []]);
  });
});

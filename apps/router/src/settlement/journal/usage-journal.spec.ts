import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { journalRecord as record } from '../../../test/support/journal-record.js';
import { UsageJournal } from './usage-journal.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'journal-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function append(journal: UsageJournal, count: number): number[] {
  return Array.from({ length: count }, () => {
    const position = journal.nextPosition();
    journal.append(record(position));
    return position;
  });
}

describe('UsageJournal', () => {
  it('gives back after a crash what was not acknowledged, in order, with its cost', async () => {
    const before = new UsageJournal({ directory });
    const positions = append(before, 3);
    before.close();
    const after = new UsageJournal({ directory });
    const batch = await after.readBatch(10);
    expect(batch?.records.map((one) => one.event.journal_position)).toEqual(positions);
    expect(batch?.records[0]?.costNanoUsd).toBe(9_007_199_254_740_993n);
    after.close();
  });

  it('gives every record once and in order, though more of them wait than memory holds, and more come meanwhile', async () => {
    const journal = new UsageJournal({ directory, segmentBytesMax: 100_000 });
    const positions = append(journal, 5_000);
    const read: number[] = [];
    for (let batch = await journal.readBatch(300); batch !== undefined; batch = await journal.readBatch(300)) {
      read.push(...batch.records.map((one) => one.event.journal_position));
      batch.acknowledge();
      if (read.length < 3_000) positions.push(...append(journal, 20));
    }
    expect(read).toEqual(positions);
    expect(journal.waitingBytes).toBe(0);
    journal.close();
  });

  it('does not publish again what was acknowledged before a restart', async () => {
    const before = new UsageJournal({ directory });
    const positions = append(before, 4);
    (await before.readBatch(3))?.acknowledge();
    before.close();
    const after = new UsageJournal({ directory });
    expect(after.readWaiting().map((one) => one.event.journal_position)).toEqual(positions.slice(3));
    after.close();
  });

  it('passes on what a newer release wrote, whole: units, fields and outcomes that this one does not know', async () => {
    const before = new UsageJournal({ directory });
    const { event } = record(before.nextPosition());
    const later = { ...event, outcome: 'handed_over', units: { requests: 1, pages: 3 }, tenant: { tier: 2 } };
    before.append({ ...record(0), event, eventJson: JSON.stringify(later) });
    before.close();
    const after = new UsageJournal({ directory });
    const batch = await after.readBatch(10);
    expect(JSON.parse(batch?.records[0]?.eventJson ?? '')).toEqual(later);
    expect(batch?.records[0]?.event).toEqual(later);
    after.close();
  });

  it('keeps a line that is no record beside the journal, and goes on with the next', async () => {
    const before = new UsageJournal({ directory });
    append(before, 1);
    const segment = readdirSync(directory).find((name) => name.endsWith('.jsonl')) ?? '';
    appendFileSync(path.join(directory, segment), '{"event":{"of":"another kind"}}\n');
    before.close();
    const after = new UsageJournal({ directory });
    const batch = await after.readBatch(10);
    expect([batch?.records.length, batch?.unreadable]).toEqual([1, 1]);
    batch?.acknowledge();
    expect(readFileSync(path.join(directory, 'unreadable-lines.txt'), 'utf8')).toBe('{"event":{"of":"another kind"}}\n');
    expect(await after.readBatch(10)).toBeUndefined();
    after.close();
  });

  it('drops a torn last line and nothing else', async () => {
    const before = new UsageJournal({ directory });
    append(before, 2);
    before.close();
    const segment = readdirSync(directory).find((name) => name.endsWith('.jsonl')) ?? '';
    appendFileSync(path.join(directory, segment), '{"event":{"event_id":"torn');
    const after = new UsageJournal({ directory });
    expect(after.readWaiting()).toHaveLength(2);
    append(after, 1);
    expect(after.readWaiting()).toHaveLength(3);
    after.close();
  });

  it('never gives a position twice, not even when the clock went back', () => {
    const before = new UsageJournal({ directory, now: () => 2_000_000 });
    const last = append(before, 5).at(-1) ?? 0;
    before.close();
    const after = new UsageJournal({ directory, now: () => 1_000 });
    expect(after.nextPosition()).toBeGreaterThan(last);
    after.close();
  });

  it('removes a segment once all of it is published, also while others wait', async () => {
    const journal = new UsageJournal({ directory, segmentBytesMax: 600 });
    const positions = append(journal, 10);
    const seen: number[] = [];
    for (let batch = await journal.readBatch(1); batch !== undefined; batch = await journal.readBatch(1)) {
      seen.push(...batch.records.map((one) => one.event.journal_position));
      batch.acknowledge();
    }
    expect(seen).toEqual(positions);
    expect(readdirSync(directory).filter((name) => name.endsWith('.jsonl')).length).toBeLessThanOrEqual(1);
    append(journal, 1);
    expect(await journal.readBatch(1)).toBeDefined();
    journal.close();
  });

  it('refuses a call when its record might not fit, and takes calls again once there is room', async () => {
    const journal = new UsageJournal({ directory, quotaBytes: 3 * 8_192, segmentBytesMax: 100 });
    expect([journal.reserve(), journal.reserve(), journal.reserve(), journal.reserve()]).toEqual([true, true, true, false]);
    journal.releaseReservation();
    expect(journal.reserve()).toBe(true);
    journal.close();
  });

  it('has the records of calls that end together on disk before any of them is told, in order with all others', async () => {
    const journal = new UsageJournal({ directory });
    const positions = [1, 2, 3, 4].map(() => journal.nextPosition());
    const [first = 0, second = 0, third = 0, fourth = 0] = positions;
    const together = [journal.appendGathered(record(first)), journal.appendGathered(record(second))];
    journal.append(record(third));
    const late = journal.appendGathered(record(fourth));
    await Promise.all([...together, late]);
    expect(journal.readWaiting().map((one) => one.event.journal_position)).toEqual(positions);
    journal.close();
  });

  it('lets no second process write to the same journal', () => {
    const journal = new UsageJournal({ directory });
    expect(() => new UsageJournal({ directory })).toThrow(/in use by process/);
    journal.close();
    new UsageJournal({ directory }).close();
  });
});

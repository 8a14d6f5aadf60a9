import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { decodeRecord, type JournalRecord } from './journal-record.js';

const NEWLINE = 0x0a;

/** A line without its end was being written when the process died: its call's last byte never went out, so nothing is owed. */
export function cutTornEnd(file: string): { bytes: number; lastPosition: number } {
  const content = readFileSync(file);
  const whole = content.lastIndexOf(NEWLINE) + 1;
  if (whole < content.length) {
    const descriptor = openSync(file, 'r+');
    if (fstatSync(descriptor).size > whole) ftruncateSync(descriptor, whole);
    closeSync(descriptor);
  }
  const lastLine = content.subarray(0, Math.max(0, whole - 1));
  const record = decodeRecord(lastLine.subarray(lastLine.lastIndexOf(NEWLINE) + 1).toString('utf8'));
  return { bytes: whole, lastPosition: record?.event.journal_position ?? 0 };
}

/** Bytes of a file from `offset` on; fewer where it ends. */
export async function readRange(file: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The whole records at the beginning of `bytes`, at most so many, and how far they reach. */
export function decodeLines(bytes: Buffer, recordsMax: number): { records: JournalRecord[]; bytesRead: number } {
  const records: JournalRecord[] = [];
  let at = 0;
  while (records.length < recordsMax) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end === -1) break;
    const record = decodeRecord(bytes.toString('utf8', at, end));
    if (record !== undefined) records.push(record);
    at = end + 1;
  }
  return { records, bytesRead: at };
}

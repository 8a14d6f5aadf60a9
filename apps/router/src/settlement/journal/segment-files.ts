import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
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

export interface DecodedLines {
  readonly records: readonly JournalRecord[];
  /** Whole lines that are no records. */
  readonly unreadable: readonly string[];
  readonly bytesRead: number;
}

/** The whole lines at the beginning of `bytes`, at most so many records, and how far they reach. */
export function decodeLines(bytes: Buffer, recordsMax: number): DecodedLines {
  const records: JournalRecord[] = [];
  const unreadable: string[] = [];
  let at = 0;
  while (records.length < recordsMax) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end === -1) break;
    const line = bytes.toString('utf8', at, end);
    const record = decodeRecord(line);
    if (record === undefined) unreadable.push(line);
    else records.push(record);
    at = end + 1;
  }
  return { records, unreadable, bytesRead: at };
}

/** Writes all of the bytes at the end of a file, or none of them: the next line must not stand behind a fragment. */
export function writeWhole(descriptor: number, bytes: Buffer, endsAt: number): void {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  } catch (error) {
    if (written > 0) ftruncateSync(descriptor, endsAt);
    throw error;
  }
}

export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

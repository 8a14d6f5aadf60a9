import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Fault } from '../faults/fault.js';
import { findFault } from '../faults/fault.js';
import { waitMs, yieldToIo } from '../timing/wait.js';

/** Writes one part of a body, waiting while the client does not read; does nothing once the signal aborted. */
export type WriteBody = (bytes: Buffer | string) => Promise<void>;

/** Makes the writer that the faults ask for: whole parts, or parts broken into separate packets. */
export function bodyWriter(response: ServerResponse, faults: readonly Fault[], signal: AbortSignal): WriteBody {
  const writeWhole: WriteBody = async (bytes) => {
    if (signal.aborted) return;
    // The signal ends the wait for a client that went away instead of reading on.
    if (!response.write(bytes)) await once(response, 'drain', { signal }).catch(() => undefined);
  };
  const slow = findFault(faults, 'slow-body');
  const cut = cutterFor(faults);
  if (cut === undefined) return writeWhole;
  return async (bytes) => {
    for (const piece of cut(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)) {
      if (signal.aborted) return;
      await writeWhole(piece);
      if (slow === undefined) await yieldToIo();
      else await waitMs(slow.everyMs, signal);
    }
  };
}

function cutterFor(faults: readonly Fault[]): ((bytes: Buffer) => Iterable<Buffer>) | undefined {
  const size = findFault(faults, 'slow-body') ?? findFault(faults, 'split');
  if (size !== undefined) return (bytes) => piecesOf(bytes, size.bytes);
  return findFault(faults, 'split-utf8') === undefined ? undefined : piecesInsideCharacters;
}

function* piecesOf(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Ends a piece right after the first byte of every multi-byte character. */
function* piecesInsideCharacters(bytes: Buffer): Iterable<Buffer> {
  let start = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if ((bytes[at] ?? 0) < 0xc0) continue;
    yield bytes.subarray(start, at + 1);
    start = at + 1;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}

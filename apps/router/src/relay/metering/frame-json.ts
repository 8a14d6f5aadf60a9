import { frameData } from './sse-frames.js';
import { isObject } from './usage-reading.js';
import type { FrameKind, FrameReading } from './read-frame.js';

const DONE = '[DONE]';

/** The JSON object that a frame carries; `done` for the sign that ends a stream, undefined for anything else. */
export function frameJson(frame: Buffer): Readonly<Record<string, unknown>> | 'done' | undefined {
  const data = frameData(frame);
  if (data === undefined) return undefined;
  if (data.trim() === DONE) return 'done';
  try {
    const value = JSON.parse(data) as unknown;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const NOTHING_READ = { usage: undefined, bytes: 0, finishes: false, choice: undefined };

/** A reading that says what a frame is, and of its content only what is given. */
export function frameReading(kind: FrameKind['kind'], read: Partial<Omit<FrameReading, 'kind'>> = {}): FrameReading {
  return { kind: kind === 'error' ? { kind, status: undefined } : { kind }, ...NOTHING_READ, ...read };
}

/** UTF-8 bytes of a text, 0 of anything else. */
export function bytesOfText(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}

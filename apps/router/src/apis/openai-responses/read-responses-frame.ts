import { bytesOfText, frameJson, frameReading } from '../../relay/metering/frame-json.js';
import type { FrameReader, FrameReading } from '../../relay/metering/read-frame.js';
import { isObject, readUsage } from '../../relay/metering/usage-reading.js';

/** Events after which nothing follows. A failed answer is told by the pod's own last event. */
const LAST_EVENTS: ReadonlyMap<string, 'done' | 'failed'> = new Map([
  ['response.completed', 'done'],
  ['response.incomplete', 'done'],
  ['response.failed', 'failed'],
]);

function readFrame(frame: Buffer): FrameReading {
  const value = frameJson(frame);
  if (value === 'done') return frameReading('done');
  if (value === undefined) return frameReading('other');
  const sequence = typeof value['sequence_number'] === 'number' ? value['sequence_number'] : undefined;
  const type = typeof value['type'] === 'string' ? value['type'] : '';
  if (type === 'error' || isObject(value['error'])) return frameReading('error', { sequence });
  const last = LAST_EVENTS.get(type);
  if (last !== undefined) return frameReading(last, { sequence, finishes: true, usage: usageOf(value['response']) });
  // Text, arguments of tools, reasoning: whatever the model writes comes as a `delta`.
  return frameReading('content', { sequence, bytes: type.endsWith('.delta') ? bytesOfText(value['delta']) : 0 });
}

function usageOf(response: unknown): FrameReading['usage'] {
  return isObject(response) ? readUsage(response['usage']) : undefined;
}

/** Every frame has a number of its own, so no two are alike but for their text. */
export const RESPONSES_FRAMES: FrameReader = { read: readFrame, textMembers: [] };

import { frameJson, frameReading } from '../../relay/metering/frame-json.js';
import type { FrameReader, FrameReading } from '../../relay/metering/read-frame.js';
import { isObject, NO_OUTPUT, readUsage } from '../../relay/metering/usage-reading.js';
import type { OutputReading } from '../api.js';
import { answerMember, memberSpan } from '../body/answer-member.js';
import { countItems } from '../body/count-items.js';

/** Counts the images of an answer; their megabytes are not parsed. */
export function readImagesAnswer(answer: Buffer): OutputReading {
  const data = memberSpan(answer, 'data');
  const images = data === undefined ? 0 : countItems(answer.toString('latin1', data.valueStart, data.valueEnd));
  return { usage: readUsage(answerMember(answer, 'usage')), uncounted: NO_OUTPUT, amount: images };
}

/** A stream shows each image several times while it is made; it counts when it is complete, and the last one ends the stream. */
function readFrame(frame: Buffer): FrameReading {
  const value = frameJson(frame);
  if (value === 'done') return frameReading('done');
  if (value === undefined) return frameReading('other');
  if (value['type'] === 'error' || isObject(value['error'])) return frameReading('error');
  const isComplete = typeof value['type'] === 'string' && value['type'].endsWith('.completed');
  if (!isComplete) return frameReading('content');
  return frameReading('content', { usage: readUsage(value['usage']), finishes: true, amount: 1 });
}

export const IMAGES_FRAMES: FrameReader = { read: readFrame, textMembers: [] };

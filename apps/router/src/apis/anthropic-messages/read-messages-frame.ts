import { bytesOfText, frameJson, frameReading } from '../../relay/metering/frame-json.js';
import type { FrameReader, FrameReading } from '../../relay/metering/read-frame.js';
import { isObject } from '../../relay/metering/usage-reading.js';
import { statusOfErrorType } from './errors.js';
import { readMessagesUsage } from './read-messages-usage.js';

function readFrame(frame: Buffer): FrameReading {
  const value = frameJson(frame);
  if (value === 'done') return frameReading('done');
  if (value === undefined) return frameReading('other');
  switch (value['type']) {
    case 'message_start':
      return frameReading('other', { usage: usageIn(value['message']) });
    case 'content_block_delta':
      return frameReading('content', { bytes: deltaBytes(value['delta']) });
    case 'message_delta':
      return frameReading('other', { usage: readMessagesUsage(value['usage']), finishes: true });
    case 'message_stop':
      return frameReading('done');
    case 'error':
      return { ...frameReading('error'), kind: { kind: 'error', status: statusOfErrorType(value['error']) } };
    default:
      return frameReading(isObject(value['error']) ? 'error' : 'other');
  }
}

function usageIn(message: unknown): FrameReading['usage'] {
  return isObject(message) ? readMessagesUsage(message['usage']) : undefined;
}

function deltaBytes(delta: unknown): number {
  return isObject(delta) ? bytesOfText(delta['text']) + bytesOfText(delta['partial_json']) + bytesOfText(delta['thinking']) : 0;
}

export const MESSAGES_FRAMES: FrameReader = { read: readFrame, textMembers: ['text', 'partial_json', 'thinking'] };

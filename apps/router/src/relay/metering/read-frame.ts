import { hasTooManyValues } from '../../apis/body/too-many-values.js';
import { frameData, mayHaveData } from './sse-frames.js';
import { isObject, readUsage, type ReportedUsage } from './usage-reading.js';

/** What a frame is to the relay. */
export type FrameKind =
  | { readonly kind: 'content' }
  /** Only usage, or nothing: `choices` is empty. Not for clients who did not ask. */
  | { readonly kind: 'empty_choices' }
  | { readonly kind: 'error'; readonly status: number | undefined }
  | { readonly kind: 'done' }
  /** The pod's own last word of an answer that failed: goes out as it is. */
  | { readonly kind: 'failed' }
  /** A comment, or something that is not JSON: passed on as it is. */
  | { readonly kind: 'other' };

/** What one frame says. */
export interface FrameReading {
  readonly kind: FrameKind;
  readonly usage: ReportedUsage | undefined;
  /** UTF-8 bytes of generated text. */
  readonly bytes: number;
  /** A choice named its finish reason. */
  readonly finishes: boolean;
  /** The one choice that the frame belongs to; undefined where it has none, or several. */
  readonly choice: number | undefined;
  /** Of what the dialect counts beside text. */
  readonly amount?: number;
  /** The number of the frame, in dialects whose frames have one. */
  readonly sequence?: number | undefined;
}

/** How the frames of a dialect's streams are read. */
export interface FrameReader {
  /** Reads one whole frame. */
  readonly read: (frame: Buffer) => FrameReading;
  /** Names of the members that hold the text by which the frames of one stream differ. */
  readonly textMembers: readonly string[];
}

/** Values of the largest frame that is read: no model's frame has a tenth of them, and each takes time from all others. */
const FRAME_VALUES_MAX = 20_000;

const DONE = '[DONE]';
export const CONTENT: FrameKind = { kind: 'content' };
const EMPTY_CHOICES: FrameKind = { kind: 'empty_choices' };
const OTHER = reading({ kind: 'other' });

function reading(kind: FrameKind, usage?: ReportedUsage): FrameReading {
  return { kind, usage, bytes: 0, finishes: false, choice: undefined };
}

/** Reads one whole frame of a completion stream. */
export function readFrame(frame: Buffer): FrameReading {
  if (!mayHaveData(frame) || hasTooManyValues(frame, FRAME_VALUES_MAX)) return OTHER;
  const data = frameData(frame);
  if (data === undefined) return OTHER;
  if (data.trim() === DONE) return reading({ kind: 'done' });
  const value = parse(data);
  if (!isObject(value)) return OTHER;
  const usage = readUsage(value['usage']);
  if (isErrorFrame(value)) return reading({ kind: 'error', status: statusOf(value['error'] ?? value) }, usage);
  const choices = value['choices'];
  if (!Array.isArray(choices)) return reading({ kind: 'other' }, usage);
  let bytes = 0;
  let finishes = false;
  for (const choice of choices as unknown[]) {
    if (!isObject(choice)) continue;
    finishes ||= choice['finish_reason'] !== null && choice['finish_reason'] !== undefined;
    bytes += choiceBytes(choice);
  }
  return {
    kind: choices.length === 0 ? EMPTY_CHOICES : CONTENT,
    usage,
    bytes,
    finishes,
    choice: onlyChoice(choices as unknown[]),
  };
}

function onlyChoice(choices: readonly unknown[]): number | undefined {
  const [first] = choices;
  if (choices.length !== 1 || !isObject(first)) return undefined;
  return typeof first['index'] === 'number' ? first['index'] : 0;
}

/** Of chat and plain completions. */
export const TEXT_FRAMES: FrameReader = { read: readFrame, textMembers: ['content', 'text', 'reasoning_content', 'reasoning'] };

function choiceBytes(choice: Readonly<Record<string, unknown>>): number {
  let bytes = textBytes(choice['text']);
  const delta = choice['delta'];
  if (!isObject(delta)) return bytes;
  bytes += textBytes(delta['content']) + textBytes(delta['reasoning_content']);
  bytes += textBytes(delta['reasoning']) + textBytes(delta['refusal']);
  const calls = delta['tool_calls'];
  if (Array.isArray(calls)) for (const call of calls as unknown[]) bytes += toolCallBytes(call);
  return bytes;
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}

function textBytes(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}

function toolCallBytes(call: unknown): number {
  const made = isObject(call) ? call['function'] : undefined;
  return isObject(made) ? textBytes(made['name']) + textBytes(made['arguments']) : 0;
}

/** vLLM and SGLang report errors inside a 200 stream: an `error` object, or one whose `object` is "error". */
function isErrorFrame(value: Readonly<Record<string, unknown>>): boolean {
  return (value['error'] !== undefined && value['error'] !== null) || value['object'] === 'error';
}

function statusOf(error: unknown): number | undefined {
  const code = isObject(error) ? (error['code'] ?? error['status']) : undefined;
  return typeof code === 'number' && code >= 400 && code <= 599 ? code : undefined;
}

import { frameJson, frameReading } from '../../relay/metering/frame-json.js';
import type { FrameReader, FrameReading } from '../../relay/metering/read-frame.js';
import { isObject, NO_OUTPUT, readUsage, unitsOf as tokensOf } from '../../relay/metering/usage-reading.js';
import type { InferenceApi, OutputReading } from '../api.js';
import { openAiText } from '../openai-text/openai-text.js';
import { RESPONSES_ERRORS } from '../openai-responses/errors.js';
import { audioMilliseconds } from './audio-duration.js';

/** 16 bits at 24 kHz, the form in which OpenAI's shape has sound without a container. */
const PCM_BYTES_PER_SECOND = 48_000;
const MS_PER_SECOND = 1_000;
/** Slow speech, at a quarter of its speed. */
const SPOKEN_MS_PER_TOKEN_MAX = 1_600;
const BYTES_PER_BASE64_GROUP = 3 / 4;

/** Text into speech: bytes come back, as they are made. The sound's length is on the bill, and the text's tokens. */
export function openAiSpeech(path: string): InferenceApi {
  return {
    ...openAiText(path),
    category: 'audio',
    reportsStreamUsage: false,
    answers: 'bytes',
    readAnswer: (answer) => readSound(answer, answer.length, ''),
    readBytes: readSound,
    frames: { read: readFrame, textMembers: [] } satisfies FrameReader,
    expected: ({ promptTokens }) => ({ audio_milliseconds: promptTokens * SPOKEN_MS_PER_TOKEN_MAX }),
    unitsOf: (body, reading) => {
      const { units } = tokensOf(reading.usage, body.promptTokens, NO_OUTPUT);
      return { units: { ...units, audio_milliseconds: Math.round(reading.amount ?? 0) }, estimated: true };
    },
    errors: RESPONSES_ERRORS,
  };
}

function readSound(head: Buffer, bytes: number, contentType: string): OutputReading {
  const amount = /^audio\/(pcm|l16)\b/i.test(contentType)
    ? (bytes / PCM_BYTES_PER_SECOND) * MS_PER_SECOND
    : audioMilliseconds(head, bytes);
  return { usage: undefined, uncounted: NO_OUTPUT, amount };
}

/** Sound in base64 within a stream of events; its pieces have no header that could be read one by one. */
function readFrame(frame: Buffer): FrameReading {
  const value = frameJson(frame);
  if (value === 'done') return frameReading('done');
  if (value === undefined) return frameReading('other');
  if (value['type'] === 'error' || isObject(value['error'])) return frameReading('error');
  if (value['type'] === 'speech.audio.done') return frameReading('content', { finishes: true, usage: readUsage(value['usage']) });
  const audio = typeof value['audio'] === 'string' ? value['audio'] : '';
  return frameReading('content', { amount: audioMilliseconds(Buffer.alloc(0), audio.length * BYTES_PER_BASE64_GROUP) });
}

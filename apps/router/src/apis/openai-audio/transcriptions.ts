import { bytesOfText, frameJson, frameReading } from '../../relay/metering/frame-json.js';
import type { FrameReader, FrameReading } from '../../relay/metering/read-frame.js';
import { isObject, NO_OUTPUT, type MeteredUnits, readUsage } from '../../relay/metering/usage-reading.js';
import type { InferenceApi, OutputReading } from '../api.js';
import { answerMember } from '../body/answer-member.js';
import type { InferenceBody } from '../body/parse-inference-body.js';
import { openAiText } from '../openai-text/openai-text.js';
import { RESPONSES_ERRORS } from '../openai-responses/errors.js';
import { audioMilliseconds } from './audio-duration.js';

const MS_PER_SECOND = 1_000;
/** 32 kbit/s: speech is seldom packed closer. */
const BYTES_PER_MS_LEAST = 4;
/** No sound is longer; a report beyond it is taken for none. */
const SECONDS_MAX = 1_000_000;

/** Speech into text: a form with a file, which passes through as it comes. The sound's length is on the bill. */
export function openAiTranscriptions(path: string): InferenceApi {
  return {
    ...openAiText(path),
    category: 'audio',
    takes: 'form',
    reportsStreamUsage: false,
    readAnswer,
    frames: { read: readFrame, textMembers: [] } satisfies FrameReader,
    expected: ({ upload }) => ({ audio_milliseconds: Math.ceil((upload?.bytesMax ?? 0) / BYTES_PER_MS_LEAST) }),
    unitsOf,
    errors: RESPONSES_ERRORS,
  };
}

/** Text, subtitles and JSON without a length tell nothing. */
function readAnswer(answer: Buffer): OutputReading {
  const usage = answerMember(answer, 'usage');
  return reading(usage, secondsOf(isObject(usage) ? usage['seconds'] : undefined) ?? secondsOf(answerMember(answer, 'duration')));
}

function reading(usage: unknown, seconds: number | undefined): OutputReading {
  const amount = seconds === undefined ? {} : { amount: Math.round(seconds * MS_PER_SECOND) };
  return { usage: readUsage(usage), uncounted: NO_OUTPUT, ...amount };
}

/** Some servers write their numbers as texts. */
function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && seconds >= 0 && seconds <= SECONDS_MAX ? seconds : undefined;
}

function readFrame(frame: Buffer): FrameReading {
  const value = frameJson(frame);
  if (value === 'done') return frameReading('done');
  if (value === undefined) return frameReading('other');
  if (value['type'] === 'error' || isObject(value['error'])) return frameReading('error');
  if (value['type'] !== 'transcript.text.done') return frameReading('content', { bytes: bytesOfText(value['delta']) });
  const { usage: tokens, amount } = reading(
    value['usage'],
    secondsOf(isObject(value['usage']) ? value['usage']['seconds'] : undefined),
  );
  return frameReading('content', { finishes: true, usage: tokens, ...(amount === undefined ? {} : { amount }) });
}

function unitsOf({ upload }: InferenceBody, { usage, amount }: OutputReading): MeteredUnits {
  const isReported = amount !== undefined && amount > 0;
  const form = upload?.form;
  const counted = form === undefined ? 0 : audioMilliseconds(form.fileHead, form.fileBytes);
  return {
    units: {
      requests: 1,
      audio_milliseconds: isReported ? amount : counted,
      ...(usage?.inputTokens === undefined ? {} : { input_tokens: usage.inputTokens }),
      ...(usage?.outputTokens === undefined ? {} : { output_tokens: usage.outputTokens }),
    },
    estimated: !isReported,
  };
}

import { NO_OUTPUT, unitsOf } from '../../relay/metering/usage-reading.js';
import type { InferenceApi, OutputReading } from '../api.js';
import { answerMember } from '../body/answer-member.js';
import type { InferenceBody } from '../body/parse-inference-body.js';
import { openAiText } from '../openai-text/openai-text.js';

const MS_PER_SECOND = 1_000;
/** Where neither the request nor the answer says how long the film is. */
const SECONDS_UNKNOWN = 4;
const SECONDS_MAX = 86_400;

/** Films from a prompt: a job, which is billed when a pod takes it and then asked for by its id. */
export function openAiVideo(path: string): InferenceApi {
  return {
    ...openAiText(path),
    category: 'video',
    isJob: true,
    reportsStreamUsage: false,
    readAnswer,
    expected: (body) => ({ video_milliseconds: millisecondsOf(body, undefined) }),
    unitsOf: (body, reading) => {
      const { units, estimated } = unitsOf(reading.usage, body.promptTokens, NO_OUTPUT);
      // Without an answer no job was taken, and the prompt is all that there was.
      if (reading.amount === undefined) return { units, estimated };
      return { units: { ...units, video_milliseconds: millisecondsOf(body, reading.amount) }, estimated: true };
    },
  };
}

function readAnswer(answer: Buffer): OutputReading {
  return { usage: undefined, uncounted: NO_OUTPUT, amount: (secondsOf(answerMember(answer, 'seconds')) ?? 0) * MS_PER_SECOND };
}

/** @param answered milliseconds by the answer; 0 where it does not say. */
function millisecondsOf(body: InferenceBody, answered: number | undefined): number {
  if (answered !== undefined && answered > 0) return Math.round(answered);
  const asked = secondsOf(answerMember(body.bytes, 'seconds')) ?? secondsOf(answerMember(body.bytes, 'duration'));
  return Math.round((asked ?? SECONDS_UNKNOWN) * MS_PER_SECOND);
}

/** OpenAI's shape has the seconds as a text. */
function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && seconds <= SECONDS_MAX ? seconds : undefined;
}

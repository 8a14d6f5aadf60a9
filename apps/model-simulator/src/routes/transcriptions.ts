import { wavSeconds } from '../media/wav.js';
import type { Exchange } from '../server/exchange.js';
import { splitTokens } from '../text/tokenizer.js';
import { waitMs } from '../timing/wait.js';
import { answerBytes, answerJson } from '../wire/answer-json.js';
import { openFrameStream } from '../wire/frame-stream.js';
import { checkModel, invalidField } from './parse-fields.js';
import { parseForm } from './parse-form.js';

const FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'];
/** Of sounds in a container that is not read here. */
const BYTES_PER_SECOND = 16_000;

/** `POST /v1/audio/transcriptions` and `/v1/audio/translations`: says how long the sound was, since nobody listens. */
export async function transcriptions(exchange: Exchange): Promise<void> {
  const { fields, files } = parseForm(exchange.body, exchange.request.headers['content-type']);
  checkModel(fields, exchange.settings.model);
  const file = files.find(({ name }) => name === 'file');
  if (file === undefined) throw invalidField('file', 'must be a file');
  if (file.content.length === 0) throw invalidField('file', 'must not be empty');
  const format = fields['response_format'] ?? 'json';
  if (!FORMATS.includes(format)) throw invalidField('response_format', `must be one of ${FORMATS.join(', ')}`);
  const seconds = Math.round((wavSeconds(file.content) ?? file.content.length / BYTES_PER_SECOND) * 1_000) / 1_000;
  const text = `This is a simulated transcription of ${seconds} seconds of sound: nobody listened to it.`;
  const usage = { type: 'duration', seconds };
  await waitMs(exchange.ttftMs, exchange.signal);
  if (fields['stream'] === 'true') {
    await streamText(exchange, text, usage);
    return;
  }
  await answerAs(exchange, format, { text, seconds, usage });
}

async function answerAs(
  exchange: Exchange,
  format: string,
  { text, seconds, usage }: { text: string; seconds: number; usage: object },
): Promise<void> {
  const end = new Date(seconds * 1_000).toISOString().slice(11, 23);
  switch (format) {
    case 'text':
      return await answerBytes(exchange, 200, 'text/plain; charset=utf-8', Buffer.from(`${text}\n`));
    case 'srt':
      return await answerBytes(exchange, 200, 'text/plain; charset=utf-8', Buffer.from(srtOf(text, end)));
    case 'vtt':
      return await answerBytes(
        exchange,
        200,
        'text/vtt; charset=utf-8',
        Buffer.from(`WEBVTT\n\n00:00:00.000 --> ${end}\n${text}\n`),
      );
    case 'verbose_json': {
      const segments = [
        {
          id: 0,
          seek: 0,
          start: 0,
          end: seconds,
          text,
          tokens: [],
          temperature: 0,
          avg_logprob: -0.1,
          compression_ratio: 1,
          no_speech_prob: 0,
        },
      ];
      return await answerJson(exchange, { task: 'transcribe', language: 'english', duration: seconds, text, segments, usage });
    }
    default:
      return await answerJson(exchange, { text, usage });
  }
}

function srtOf(text: string, end: string): string {
  return `1\n00:00:00,000 --> ${end.replace('.', ',')}\n${text}\n\n`;
}

async function streamText(exchange: Exchange, text: string, usage: object): Promise<void> {
  const stream = openFrameStream(exchange, 'events');
  for (const piece of splitTokens(text)) await stream.data({ type: 'transcript.text.delta', delta: piece });
  await stream.data({ type: 'transcript.text.done', text, usage });
  stream.end();
}

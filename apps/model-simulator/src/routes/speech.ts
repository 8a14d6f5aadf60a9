import { pcmSpeech, speechMilliseconds, wavHeader } from '../media/wav.js';
import type { Exchange } from '../server/exchange.js';
import { countTokens } from '../text/tokenizer.js';
import { hashText } from '../timing/seeded-random.js';
import { waitMs } from '../timing/wait.js';
import { answerBytes } from '../wire/answer-json.js';
import { bodyWriter } from '../wire/body-writer.js';
import { openFrameStream } from '../wire/frame-stream.js';
import { checkModel, invalidField } from './parse-fields.js';
import { parseJsonObject } from './parse-json-object.js';

const FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'];
const INPUT_CHARACTERS_MAX = 4_096;
const PIECE_BYTES = 9_600;
const PIECE_MS = 10;

/** `POST /v1/audio/speech`: a melody as long as the text; PCM where asked for, else WAV, which is the one container made here. */
export async function speech(exchange: Exchange): Promise<void> {
  const body = parseJsonObject(exchange.body);
  checkModel(body, exchange.settings.model);
  const { input } = body;
  if (typeof input !== 'string' || input === '' || input.length > INPUT_CHARACTERS_MAX)
    throw invalidField('input', `must be a text of 1 to ${INPUT_CHARACTERS_MAX} characters`);
  const format = body['response_format'] ?? 'wav';
  if (typeof format !== 'string' || !FORMATS.includes(format))
    throw invalidField('response_format', `must be one of ${FORMATS.join(', ')}`);
  const speed = body['speed'] ?? 1;
  if (typeof speed !== 'number' || speed < 0.25 || speed > 4) throw invalidField('speed', 'must be a number from 0.25 to 4');
  const pcm = pcmSpeech(speechMilliseconds(input.length, speed), hashText(input));
  await waitMs(exchange.ttftMs, exchange.signal);
  if (body['stream_format'] === 'sse') await streamEvents(exchange, pcm, countTokens(input));
  else if (format === 'pcm') await streamPcm(exchange, pcm);
  else await answerBytes(exchange, 200, 'audio/wav', Buffer.concat([wavHeader(pcm.length), pcm]));
}

/** In pieces, as an engine makes them. */
async function streamPcm(exchange: Exchange, pcm: Buffer): Promise<void> {
  const { response, faults, signal } = exchange;
  response.writeHead(200, { 'content-type': 'audio/pcm' });
  const write = bodyWriter(response, faults, signal);
  for (let at = 0; at < pcm.length && !signal.aborted; at += PIECE_BYTES) {
    await write(pcm.subarray(at, at + PIECE_BYTES));
    await waitMs(PIECE_MS, signal);
  }
  if (!signal.aborted) response.end();
}

async function streamEvents(exchange: Exchange, pcm: Buffer, inputTokens: number): Promise<void> {
  const stream = openFrameStream(exchange, 'events');
  for (let at = 0; at < pcm.length && !exchange.signal.aborted; at += PIECE_BYTES) {
    await stream.data({ type: 'speech.audio.delta', audio: pcm.subarray(at, at + PIECE_BYTES).toString('base64') });
    await waitMs(PIECE_MS, exchange.signal);
  }
  const usage = { input_tokens: inputTokens, output_tokens: 0, total_tokens: inputTokens };
  await stream.data({ type: 'speech.audio.done', usage });
  stream.end();
}

import type { Exchange } from '../server/exchange.js';
import { pngImage } from '../media/png.js';
import { countTokens } from '../text/tokenizer.js';
import { hashText } from '../timing/seeded-random.js';
import { waitMs } from '../timing/wait.js';
import { answerJson } from '../wire/answer-json.js';
import { openFrameStream } from '../wire/frame-stream.js';
import { checkModel, flag, invalidField, optionalInteger } from './parse-fields.js';
import { parseForm } from './parse-form.js';
import { type JsonObject, parseJsonObject } from './parse-json-object.js';

const IMAGES_MAX = 10;
const SIZE_DEFAULT = '512x512';
const SIDE_MIN = 16;
const SIDE_MAX = 2_048;

/** `POST /v1/images/generations`: PNGs, the same for the same prompt. */
export async function imageGenerations(exchange: Exchange): Promise<void> {
  await makeImages(exchange, parseJsonObject(exchange.body), 'image_generation');
}

/** `POST /v1/images/edits`: a form; what is made depends on the prompt and on the bytes of the images. */
export async function imageEdits(exchange: Exchange): Promise<void> {
  const { fields, files } = parseForm(exchange.body, exchange.request.headers['content-type']);
  if (files.length === 0) throw invalidField('image', 'must be a file');
  if (files.some(({ content }) => content.length === 0)) throw invalidField('image', 'must not be empty');
  const number = fields['n'] === undefined ? {} : { n: Number(fields['n']) };
  const stream = fields['stream'] === 'true';
  await makeImages(exchange, { ...fields, ...number, stream }, 'image_edit');
}

async function makeImages(exchange: Exchange, body: JsonObject, event: string): Promise<void> {
  const { settings, signal, ttftMs } = exchange;
  checkModel(body, settings.model);
  const { prompt } = body;
  if (typeof prompt !== 'string' || prompt === '') throw invalidField('prompt', 'must be a text that is not empty');
  const count = optionalInteger(body, 'n', 1, IMAGES_MAX) ?? 1;
  const [width, height] = sizeOf(body['size']);
  const tokens = countTokens(prompt);
  const usage = { input_tokens: tokens, output_tokens: 0, total_tokens: tokens };
  const images = Array.from({ length: count }, (_, index) =>
    pngImage(width, height, hashText(`${prompt} ${index}`)).toString('base64'),
  );
  await waitMs(ttftMs, signal);
  if (flag(body, 'stream')) {
    const stream = openFrameStream(exchange, 'events');
    for (const image of images)
      await stream.data({ type: `${event}.completed`, b64_json: image, size: `${width}x${height}`, output_format: 'png', usage });
    stream.end();
    return;
  }
  const asUrl = body['response_format'] === 'url';
  const data = images.map((image) => (asUrl ? { url: `data:image/png;base64,${image}` } : { b64_json: image }));
  await answerJson(exchange, { created: Math.floor(Date.now() / 1000), data, output_format: 'png', usage });
}

function sizeOf(value: unknown): [width: number, height: number] {
  const size = value === undefined || value === null || value === 'auto' ? SIZE_DEFAULT : value;
  const [, width, height] = (typeof size === 'string' ? /^(\d{1,4})x(\d{1,4})$/.exec(size) : null) ?? [];
  const sides = [Number(width), Number(height)] as const;
  if (sides.every((side) => side >= SIDE_MIN && side <= SIDE_MAX)) return [...sides];
  throw invalidField('size', `must be as in 512x512, with sides from ${SIDE_MIN} to ${SIDE_MAX}`);
}

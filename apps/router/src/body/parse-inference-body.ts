import { type Refusal } from '@ecolink/contracts';
import { type MemberSpan, scanMembers, skipBlank } from './scan-members.js';
import { hasTooManyValues, VALUES_MAX } from './too-many-values.js';

/** What the router reads of an inference body; the bytes themselves are kept as they came. */
export interface InferenceBody {
  readonly bytes: Buffer;
  readonly model: string;
  readonly stream: boolean;
  /** The client asked for a usage frame of its own. */
  readonly clientWantsUsage: boolean;
  /** UTF-8 bytes of the prompt's text, for reservations and where the upstream reports no usage. */
  readonly promptBytes: number;
  /** Tokens that the client allows in all its choices together; undefined when it sets no limit. */
  readonly outputTokensMax: number | undefined;
  readonly members: readonly MemberSpan[];
}

export type BodyResult =
  { readonly kind: 'body'; readonly body: InferenceBody } | { readonly kind: 'refusal'; readonly refusal: Refusal };

/** Members that steer routing or metering: named twice, the pod might read the other one. */
const UNIQUE_MEMBERS: readonly string[] = ['model', 'stream', 'stream_options'];

/** Reads a JSON inference body. Refusals: 400 `invalid_request` for anything but an object with one string `model`. */
export function parseInferenceBody(bytes: Buffer): BodyResult {
  if (hasTooManyValues(bytes)) return refuse(`the body holds more than ${VALUES_MAX} values`);
  const text = bytes.toString('utf8');
  const parsed = parseJson(text);
  if (parsed === undefined) return refuse('the body is not valid JSON');
  if (!isObject(parsed)) return refuse('the body must be a JSON object');
  // Where a member stands is wanted in bytes; as one character for each they are, too, when none of them took several.
  const members = scanMembers(text.length === bytes.length ? text : bytes.toString('latin1'), skipBlank(text, 0));
  const repeated = UNIQUE_MEMBERS.find((name) => members.filter((member) => member.name === name).length > 1);
  if (repeated !== undefined) return refuse(`the body names ${repeated} twice`, repeated);
  const { model, stream } = parsed;
  if (model === undefined) return refuse('the body has no model', 'model');
  if (typeof model !== 'string' || model === '') return refuse('model must be a string that is not empty', 'model');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return refuse('stream must be true or false', 'stream');
  return {
    kind: 'body',
    body: {
      bytes,
      model,
      stream: stream === true,
      clientWantsUsage: isObject(parsed['stream_options']) && parsed['stream_options']['include_usage'] === true,
      promptBytes: promptBytesOf(parsed),
      outputTokensMax: outputTokensMaxOf(parsed),
      members,
    },
  };
}

function refuse(message: string, param?: string): BodyResult {
  return { kind: 'refusal', refusal: { code: 'invalid_request', message, ...(param === undefined ? {} : { param }) } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Includes the RangeError of a nesting that no server could read.
    return undefined;
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Chat messages, completion prompts, embedding inputs: whichever of them the body has. */
function promptBytesOf(body: JsonObject): number {
  const messages = Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : [];
  let bytes = 0;
  for (const message of messages) if (isObject(message)) bytes += textBytes(message['content']);
  return bytes + textBytes(body['prompt']) + textBytes(body['input']);
}

/** Strings count their bytes, parts their `text`; a number is a token of a ready tokenised prompt, four bytes by the estimate. */
function textBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return 4;
  if (!Array.isArray(value)) return isObject(value) && typeof value['text'] === 'string' ? Buffer.byteLength(value['text']) : 0;
  let bytes = 0;
  for (const part of value as unknown[]) bytes += Array.isArray(part) ? part.length * 4 : textBytes(part);
  return bytes;
}

function outputTokensMaxOf(body: JsonObject): number | undefined {
  const limit = positive(body['max_completion_tokens']) ?? positive(body['max_tokens']);
  return limit === undefined ? undefined : limit * (positive(body['n']) ?? 1);
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.ceil(value) : undefined;
}

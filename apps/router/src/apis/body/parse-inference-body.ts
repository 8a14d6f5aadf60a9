import { type Refusal } from '@ecolink/contracts';
import type { Upload } from '../multipart/upload.js';
import { type MemberSpan, scanMembers, skipBlank } from './scan-members.js';
import { estimatePromptTokens, promptSizeOf } from './prompt-size.js';
import { type CallLimits, readCallLimits } from './read-call-limits.js';
import { type Edit, usageEdit } from './usage-edit.js';
import { hasTooManyValues, VALUES_MAX } from './too-many-values.js';

/** What the router reads of an inference body; the bytes themselves are kept as they came. */
export interface InferenceBody {
  readonly bytes: Buffer;
  readonly model: string;
  readonly stream: boolean;
  /** The client asked for a usage frame of its own. */
  readonly clientWantsUsage: boolean;
  /** What makes a stream's body ask for usage where its client does not. */
  readonly usageEdit?: Edit;
  /** Tokens of the prompt by its bytes: billed where the upstream reports no usage. */
  readonly promptTokens: number;
  /** Images, sounds, videos or files are part of the prompt. */
  readonly hasMedia: boolean;
  readonly limits: CallLimits;
  readonly members: readonly MemberSpan[];
  /** Of a form: its bytes, which may still be on their way. */
  readonly upload?: Upload;
}

export type BodyResult =
  { readonly kind: 'body'; readonly body: InferenceBody } | { readonly kind: 'refusal'; readonly refusal: Refusal };

/** Beside each other at the top of a body; no dialect has a hundredth of them. */
const MEMBERS_MAX = 10_000;

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
  const byBytes = text.length === bytes.length ? text : bytes.toString('latin1');
  const start = skipBlank(text, 0);
  const members = scanMembers(byBytes, start);
  if (members.length > MEMBERS_MAX) return refuse(`the body has more than ${MEMBERS_MAX} members`);
  const repeated = UNIQUE_MEMBERS.find((name) => members.filter((member) => member.name === name).length > 1);
  if (repeated !== undefined) return refuse(`the body names ${repeated} twice`, repeated);
  const { model, stream } = parsed;
  if (model === undefined) return refuse('the body has no model', 'model');
  if (typeof model !== 'string' || model === '') return refuse('model must be a string that is not empty', 'model');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return refuse('stream must be true or false', 'stream');
  const prompt = promptSizeOf(parsed);
  const clientWantsUsage = isObject(parsed['stream_options']) && parsed['stream_options']['include_usage'] === true;
  const edit = stream === true && !clientWantsUsage ? usageEdit(byBytes, start, members) : undefined;
  return {
    kind: 'body',
    body: {
      bytes,
      model,
      stream: stream === true,
      clientWantsUsage,
      ...(edit === undefined ? {} : { usageEdit: edit }),
      promptTokens: estimatePromptTokens(prompt),
      hasMedia: prompt.mediaParts > 0,
      limits: readCallLimits(parsed, members, bytes),
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

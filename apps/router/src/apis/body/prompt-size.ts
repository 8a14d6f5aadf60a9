/** How much of a body becomes prompt, counted from its bytes. */
export interface PromptSize {
  /** UTF-8 bytes of every text that the pod turns into prompt. */
  readonly textBytes: number;
  /** Images, sounds, videos and files: the length of their encoding says nothing about their tokens. */
  readonly mediaParts: number;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Members whose texts are prompt, in the dialects that are served. */
const TEXT_MEMBERS = ['messages', 'prompt', 'input', 'system', 'instructions', 'suffix', 'query', 'documents', 'prediction'];
/** Members that a pod writes into the prompt as JSON: their names are prompt like their values. */
const SCHEMA_MEMBERS = ['tools', 'functions', 'response_format', 'guided_json'];
/** Members of messages and their parts that steer a pod and are not read by the model. */
const CONTROL_MEMBERS: ReadonlySet<string> = new Set(['role', 'type', 'id', 'tool_call_id', 'cache_control']);
const MEDIA_TYPES: ReadonlySet<string> = new Set([
  'image',
  'image_url',
  'input_image',
  'video_url',
  'audio_url',
  'input_audio',
  'input_file',
  'file',
  'document',
]);
const MEDIA_MEMBERS = ['image_url', 'video_url', 'audio_url', 'input_audio'];
/** A token of a prompt that comes tokenised, by the estimate of four bytes a token. */
const BYTES_PER_READY_TOKEN = 4;
/** An image that no pod has counted. */
const TOKENS_PER_MEDIA_PART = 1_000;
const BYTES_PER_TOKEN = 4;

/** Walks what becomes prompt. Linear in the body, whatever its nesting. */
export function promptSizeOf(body: JsonObject): PromptSize {
  const counter = new PromptCounter();
  for (const name of TEXT_MEMBERS) counter.countTexts(body[name]);
  for (const name of SCHEMA_MEMBERS) counter.countJson(body[name]);
  return counter;
}

/** Prompt tokens where the upstream reports none: one for every four bytes of text, rounded up, and 1,000 for an image. */
export function estimatePromptTokens({ textBytes, mediaParts }: PromptSize): number {
  return Math.ceil(textBytes / BYTES_PER_TOKEN) + mediaParts * TOKENS_PER_MEDIA_PART;
}

class PromptCounter implements PromptSize {
  textBytes = 0;
  mediaParts = 0;

  countTexts(root: unknown): void {
    const open: unknown[] = [root];
    while (open.length > 0) {
      const value = open.pop();
      if (typeof value === 'string') this.textBytes += Buffer.byteLength(value);
      else if (typeof value === 'number') this.textBytes += BYTES_PER_READY_TOKEN;
      else if (Array.isArray(value)) for (const item of value as unknown[]) open.push(item);
      else if (isObject(value)) this.openObject(value, open);
    }
  }

  countJson(root: unknown): void {
    const open: unknown[] = [root];
    while (open.length > 0) {
      const value = open.pop();
      if (typeof value === 'string') this.textBytes += Buffer.byteLength(value);
      else if (Array.isArray(value)) for (const item of value as unknown[]) open.push(item);
      else if (isObject(value))
        for (const name in value) {
          this.textBytes += Buffer.byteLength(name);
          open.push(value[name]);
        }
    }
  }

  private openObject(value: JsonObject, open: unknown[]): void {
    if (isMedia(value)) {
      this.mediaParts += 1;
      open.push(value['text']);
      return;
    }
    for (const name in value) {
      const member = value[name];
      // A number of a part is a setting; only a prompt itself may be made of tokens.
      if (typeof member !== 'number' && !CONTROL_MEMBERS.has(name)) open.push(member);
    }
  }
}

function isMedia(part: JsonObject): boolean {
  const { type } = part;
  return (typeof type === 'string' && MEDIA_TYPES.has(type)) || MEDIA_MEMBERS.some((name) => part[name] !== undefined);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

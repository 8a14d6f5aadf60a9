import { isObject, readUsage, type ReportedUsage } from './usage-reading.js';
import { frameData } from './sse-frames.js';

/** What a frame is to the relay. */
export type FrameKind =
  | { readonly kind: 'content' }
  /** Only usage, or nothing: `choices` is empty. Not for clients who did not ask. */
  | { readonly kind: 'empty_choices' }
  | { readonly kind: 'error'; readonly status: number | undefined }
  | { readonly kind: 'done' }
  /** A comment, or something that is not JSON: passed on as it is. */
  | { readonly kind: 'other' };

const DONE = '[DONE]';

/** Reads the frames of one stream as they pass: usage, delivered text, how it ends. */
export class StreamMeter {
  private reported: ReportedUsage | undefined;
  private bytes = 0;
  private finished = false;

  get usage(): ReportedUsage | undefined {
    return this.reported;
  }

  /** UTF-8 bytes of generated text so far. */
  get outputBytes(): number {
    return this.bytes;
  }

  /** True once a choice named its finish reason: an upstream that ends after it has not been cut. */
  get sawFinish(): boolean {
    return this.finished;
  }

  read(frame: Buffer): FrameKind {
    const data = frameData(frame);
    if (data === undefined) return { kind: 'other' };
    if (data.trim() === DONE) return { kind: 'done' };
    const value = parse(data);
    if (!isObject(value)) return { kind: 'other' };
    // Some engines report a growing usage in every frame: the last one counts.
    this.reported = readUsage(value['usage']) ?? this.reported;
    if (isErrorFrame(value)) return { kind: 'error', status: statusOf(value['error'] ?? value) };
    const choices = value['choices'];
    if (!Array.isArray(choices)) return { kind: 'other' };
    for (const choice of choices as unknown[]) this.readChoice(choice);
    return choices.length === 0 ? { kind: 'empty_choices' } : { kind: 'content' };
  }

  private readChoice(choice: unknown): void {
    if (!isObject(choice)) return;
    if (choice['finish_reason'] !== null && choice['finish_reason'] !== undefined) this.finished = true;
    this.bytes += textBytes(choice['text']);
    const delta = choice['delta'];
    if (!isObject(delta)) return;
    this.bytes +=
      textBytes(delta['content']) +
      textBytes(delta['reasoning_content']) +
      textBytes(delta['reasoning']) +
      textBytes(delta['refusal']);
    const calls = delta['tool_calls'];
    if (Array.isArray(calls)) for (const call of calls as unknown[]) this.bytes += toolCallBytes(call);
  }
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

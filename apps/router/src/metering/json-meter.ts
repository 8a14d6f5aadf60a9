import { isObject, readUsage, type ReportedUsage } from './usage-reading.js';

export interface JsonReading {
  readonly usage: ReportedUsage | undefined;
  /** UTF-8 bytes of what the model has written; counted only where no usage tells its tokens. */
  readonly outputBytes: number;
}

/** Reads usage, or else the length of the generated text, from a whole JSON answer; nothing when it is not JSON. */
export function readJsonAnswer(body: Buffer): JsonReading {
  const value = parse(body);
  if (!isObject(value)) return { usage: undefined, outputBytes: 0 };
  const usage = readUsage(value['usage']);
  return { usage, outputBytes: usage?.outputTokens === undefined ? choicesBytes(value['choices']) : 0 };
}

function choicesBytes(choices: unknown): number {
  return Array.isArray(choices) ? choices.reduce<number>((sum, choice) => sum + choiceBytes(choice), 0) : 0;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** What a model has written, under the names that engines give it. */
const TEXT_FIELDS = ['content', 'reasoning_content', 'reasoning', 'refusal'];

function choiceBytes(choice: unknown): number {
  if (!isObject(choice)) return 0;
  const message = choice['message'];
  const texts = isObject(message) ? TEXT_FIELDS.map((field) => message[field]) : [choice['text']];
  const calls = isObject(message) && message['tool_calls'] !== undefined ? JSON.stringify(message['tool_calls']) : '';
  return texts.reduce<number>(
    (sum, text) => sum + (typeof text === 'string' ? Buffer.byteLength(text) : 0),
    Buffer.byteLength(calls),
  );
}

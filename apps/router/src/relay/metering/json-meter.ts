import { answerMember } from '../../apis/body/answer-member.js';
import { isObject, readUsage, type ReportedUsage } from './usage-reading.js';

export interface JsonReading {
  readonly usage: ReportedUsage | undefined;
  /** UTF-8 bytes of what the model has written; counted only where no usage tells its tokens. */
  readonly outputBytes: number;
}

/** Reads usage, or else the length of the generated text, from a whole JSON answer; nothing from what is no object. */
export function readJsonAnswer(body: Buffer): JsonReading {
  const usage = readUsage(answerMember(body, 'usage'));
  if (usage?.outputTokens !== undefined) return { usage, outputBytes: 0 };
  const value = parse(body.toString('utf8'));
  return { usage, outputBytes: isObject(value) ? choicesBytes(value['choices']) : 0 };
}

function choicesBytes(choices: unknown): number {
  return Array.isArray(choices) ? choices.reduce<number>((sum, choice) => sum + choiceBytes(choice), 0) : 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
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

import { countTokens } from '../text/tokenizer.js';
import { invalidField } from './parse-fields.js';
import { isJsonObject } from './parse-json-object.js';

export interface ChatPrompt {
  /** What the reply is about: the last user message, or the last message when there is none. */
  readonly text: string;
  /** The sum over the texts of all messages, each counted for itself; roles and images count nothing. */
  readonly tokens: number;
}

export function parseMessages(value: unknown): ChatPrompt {
  if (!Array.isArray(value) || value.length === 0) throw invalidField('messages', 'must be a list of at least one message');
  const messages = value.map((message: unknown) => {
    if (!isJsonObject(message) || typeof message['role'] !== 'string')
      throw invalidField('messages', 'must hold objects with a role');
    return { role: message['role'], texts: textsOf(message['content']) };
  });
  const answered = messages.findLast((message) => message.role === 'user') ?? messages.at(-1);
  return {
    text: answered?.texts.join(' ') ?? '',
    tokens: messages.reduce((sum, message) => sum + message.texts.reduce((inner, text) => inner + countTokens(text), 0), 0),
  };
}

function textsOf(content: unknown): string[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) throw invalidField('messages', 'must hold content that is a text or a list of parts');
  return content.flatMap((part: unknown) => {
    if (!isJsonObject(part)) throw invalidField('messages', 'must hold content parts that are objects');
    return typeof part['text'] === 'string' ? [part['text']] : [];
  });
}

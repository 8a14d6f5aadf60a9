import { countTokens } from '../text/tokenizer.js';
import { invalidField } from './parse-fields.js';

/** One input of a completions or embeddings request: a text, or the token ids a client made of one. */
export interface PromptInput {
  readonly text: string;
  readonly tokens: number;
}

/** OpenAI's four forms: text, list of texts, list of token ids, list of lists of token ids. */
export function parsePrompts(field: string, value: unknown, inputsMax: number): PromptInput[] {
  if (typeof value === 'string') return [fromText(value)];
  if (!Array.isArray(value) || value.length === 0) throw invalidField(field, 'must be a text, a list of texts, or token ids');
  const items: readonly unknown[] = value;
  if (isTokenIds(items)) return [fromTokenIds(items)];
  if (items.length > inputsMax) throw invalidField(field, `must hold at most ${inputsMax} inputs`);
  return items.map((item) => {
    if (typeof item === 'string') return fromText(item);
    if (Array.isArray(item) && item.length > 0 && isTokenIds(item)) return fromTokenIds(item);
    throw invalidField(field, 'must hold only texts, or only lists of token ids');
  });
}

function isTokenIds(value: readonly unknown[]): value is readonly number[] {
  return value.every((item) => typeof item === 'number' && Number.isInteger(item) && item >= 0);
}

function fromText(text: string): PromptInput {
  return { text, tokens: countTokens(text) };
}

function fromTokenIds(ids: readonly number[]): PromptInput {
  return { text: ids.join(' '), tokens: ids.length };
}

import { jsonFromSchema } from './json-from-schema.js';

/** A function that the model may call. */
export interface Tool {
  readonly name: string;
  /** JSON schema of its arguments. */
  readonly parameters: unknown;
}

/** `auto` calls tools once, and answers in words when they have answered. */
export type ToolChoice = { readonly kind: 'none' | 'auto' | 'required' } | { readonly kind: 'named'; readonly name: string };

/** What an answer must be, beside being an answer. */
export interface ReplyDemands {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** Several tools may be called at once. */
  readonly parallelTools: boolean;
  /** The last message is the user's: no tool has answered yet. */
  readonly isUsersTurn: boolean;
  /** The answer must be JSON, of this schema where there is one. */
  readonly json: { readonly schema: unknown } | undefined;
  /** The model thinks aloud before it answers. */
  readonly reasons: boolean;
}

export const NO_DEMANDS: ReplyDemands = {
  tools: [],
  toolChoice: { kind: 'none' },
  parallelTools: false,
  isUsersTurn: true,
  json: undefined,
  reasons: false,
};

/** A stretch of an answer: thoughts, words, or the arguments of the call of a function. */
export type Stretch =
  | { readonly kind: 'reasoning' | 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly name: string; readonly text: string };

/** What the model says in place of its own words; undefined where it may answer as it likes. */
export function planReply(demands: ReplyDemands, prompt: string): readonly Stretch[] | undefined {
  const calls = toolsToCall(demands, prompt);
  if (calls.length > 0)
    return calls.map(({ name, parameters }) => ({
      kind: 'call',
      name,
      text: JSON.stringify(jsonFromSchema(parameters, prompt)),
    }));
  if (demands.json === undefined) return undefined;
  const { schema } = demands.json;
  const value = schema === undefined ? { reply: prompt.slice(0, 200) } : jsonFromSchema(schema, prompt);
  return [{ kind: 'text', text: JSON.stringify(value) }];
}

function toolsToCall({ tools, toolChoice, parallelTools, isUsersTurn }: ReplyDemands, prompt: string): readonly Tool[] {
  switch (toolChoice.kind) {
    case 'none':
      return [];
    case 'named':
      return tools.filter(({ name }) => name === toolChoice.name).slice(0, 1);
    case 'auto':
    case 'required': {
      if (toolChoice.kind === 'auto' && !isUsersTurn) return [];
      const meant = tools.filter((tool) => isMentioned(tool, prompt));
      return (meant.length === 0 ? tools : meant).slice(0, parallelTools && meant.length > 0 ? CALLS_MAX : 1);
    }
  }
}

const CALLS_MAX = 8;
const PROMPT_CHARACTERS_READ = 4_096;
/** Words of names that say nothing about what a tool is for. */
const IDLE_WORDS: ReadonlySet<string> = new Set(['get', 'set', 'the', 'for', 'tool', 'fetch', 'current', 'find']);

/** Whether a word of the tool's name stands in the prompt: `get_weather` is meant by "What is the weather?". */
function isMentioned({ name }: Tool, prompt: string): boolean {
  const text = prompt.slice(0, PROMPT_CHARACTERS_READ).toLowerCase();
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => word.length >= 3 && !IDLE_WORDS.has(word) && text.includes(word));
}

/** What a conversation is made of. Kept in this browser alone. */
export interface UserTurn {
  readonly kind: 'user';
  readonly id: string;
  readonly text: string;
  /** `data:` URLs of pictures, for models that see. */
  readonly images: readonly string[];
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

export interface CallFigures {
  readonly requestId: string | null;
  readonly region: string | null;
  readonly ttftMs: number | null;
  readonly durationMs: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** Nano-USD as the ledger has it, decimal; null while it is not known. */
  readonly cost: string | null;
  readonly estimated: boolean;
}

export interface TurnProblem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
}

export interface AnswerTurn {
  readonly kind: 'answer';
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  /** `cut`: the stream ended with an error after text had arrived. */
  readonly state: 'waiting' | 'streaming' | 'done' | 'stopped' | 'cut' | 'refused';
  readonly problem: TurnProblem | null;
  readonly figures: CallFigures;
}

export type Turn = UserTurn | AnswerTurn;

export interface ChatSettings {
  readonly system: string;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly maxTokens: number | null;
  readonly frequencyPenalty: number | null;
  readonly presencePenalty: number | null;
  readonly stop: readonly string[];
  readonly seed: number | null;
  readonly format: 'text' | 'json_object';
  readonly tools: readonly ToolDefinition[];
}

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema as it was typed. */
  readonly parameters: string;
  readonly enabled: boolean;
}

export const SETTINGS_DEFAULT: ChatSettings = {
  system: '',
  temperature: null,
  topP: null,
  maxTokens: 2_048,
  frequencyPenalty: null,
  presencePenalty: null,
  stop: [],
  seed: null,
  format: 'text',
  tools: [],
};

export const NO_FIGURES: CallFigures = {
  requestId: null,
  region: null,
  ttftMs: null,
  durationMs: null,
  inputTokens: null,
  outputTokens: null,
  cost: null,
  estimated: false,
};

export interface Conversation {
  readonly id: string;
  readonly accountId: string;
  readonly title: string;
  readonly updatedAt: number;
  readonly model: string;
  readonly settings: ChatSettings;
  readonly turns: readonly Turn[];
}

const ID_BYTES = 8;

export function newTurnId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

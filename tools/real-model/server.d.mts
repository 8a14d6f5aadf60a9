/** What a model is for the server; `engine.mjs` makes one of real weights. */
export interface Engine {
  /** Prompt and answer together. */
  readonly contextTokens: number;
  tokenize(text: string): number[];
  /** The text of tokens that come after `before`; half a character is U+FFFD. */
  textOf(tokens: readonly number[], before: readonly number[]): string;
  generate(
    prompt: readonly number[],
    options: { sampling: { temperature: number; topP: number; seed?: number }; signal: AbortSignal },
  ): AsyncIterable<{ token: number; ends: boolean }>;
}

/** What an embedding model is for the server; `embedder.mjs` makes one of real weights. */
export interface Embedder {
  readonly dimensions: number;
  countTokens(text: string): number;
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>;
}

export interface ModelServer {
  /** Resolves with the port. */
  listen(host: string, port: number): Promise<number>;
  /** Refuses new connections and resolves when the running answers have ended. */
  close(): Promise<void>;
}

export function createModelServer(options: {
  engine: Engine;
  modelName: string;
  embedder?: Embedder;
  embeddingModelName?: string;
  apiKey: string | undefined;
  /** Gets a line of JSON for each call that failed. */
  log?: (line: string) => void;
}): ModelServer;

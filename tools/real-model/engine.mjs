import { pathToFileURL } from 'node:url';

/** One thread: the server is a neighbour of the product, often on a small machine, and must leave it the other one. */
const THREADS = 1;
/** The prompt is read in pieces, so that a caller who hangs up during a long one is noticed between two of them. */
const PROMPT_PIECE_TOKENS = 64;

/**
 * Loads the weights and gives the model as a few functions. Prompts and answers are token ids; the caller runs one
 * `generate` at a time, since there is one sequence.
 */
export async function loadEngine({ enginePath, modelFile, contextTokens }) {
  const { getLlama, LlamaLogLevel } = await import(pathToFileURL(enginePath).href);
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: THREADS,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath: modelFile });
  const context = await model.createContext({ contextSize: contextTokens, sequences: 1, threads: THREADS });
  const sequence = context.getSequence();
  return {
    contextTokens,
    tokenize: (text) => [model.tokens.bos, ...model.tokenize(text, false)],
    textOf: (tokens, before) => model.detokenize(tokens, false, before),
    generate: (prompt, options) => generate({ model, sequence }, prompt, options),
    close: () => llama.dispose(),
  };
}

/** Yields `{ token, ends }` one by one; `ends` says that the model finished by itself. Stops quietly when aborted. */
async function* generate({ model, sequence }, prompt, { sampling, signal }) {
  await sequence.clearHistory();
  const last = prompt.length - 1;
  for (let start = 0; start < last; start += PROMPT_PIECE_TOKENS) {
    if (signal.aborted) return;
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(start, Math.min(start + PROMPT_PIECE_TOKENS, last)));
  }
  for await (const token of sequence.evaluate(prompt.slice(last), { ...sampling, yieldEogToken: true })) {
    if (signal.aborted) return;
    const ends = model.isEogToken(token);
    yield { token, ends };
    if (ends) return;
  }
}

import { createTextStream } from './text-stream.mjs';
import { usageOf } from './answers.mjs';

/**
 * Generates one answer and hands its text on as it comes. Resolves with the finish reason and the usage, where each token
 * the model produced counts, its end mark and those held back by a stop sequence too: that is what was computed.
 */
export async function complete(engine, request, { signal, onText }) {
  const text = createTextStream({ textOf: engine.textOf, stop: request.stop, trimStart: request.trimStart });
  const usage = (tokens) => usageOf(request.prompt.length, tokens);
  let tokens = 0;
  for await (const { token, ends } of engine.generate(request.prompt, { sampling: request.sampling, signal })) {
    tokens += 1;
    if (ends) break;
    const piece = text.push(token);
    if (piece.text !== '') await onText(piece.text);
    if (piece.stopped) return { finishReason: 'stop', usage: usage(tokens) };
    if (tokens >= request.answerTokensMax) {
      await onText(text.end());
      return { finishReason: 'length', usage: usage(tokens) };
    }
  }
  await onText(text.end());
  return { finishReason: 'stop', usage: usage(tokens) };
}

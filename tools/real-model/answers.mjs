import { randomBytes } from 'node:crypto';

/** The shapes of OpenAI's answers for one call of either kind. Usage counts tokens of the model's own tokenizer. */
export function createAnswers(kind, modelName) {
  const chat = kind === 'chat';
  const head = {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomBytes(12).toString('hex')}`,
    created: Math.floor(Date.now() / 1000),
    model: modelName,
  };
  const object = {
    whole: chat ? 'chat.completion' : 'text_completion',
    chunk: chat ? 'chat.completion.chunk' : 'text_completion',
  };
  const chunk = (choices) => ({ ...head, object: object.chunk, choices });
  return {
    whole: (text, finishReason, usage) => ({
      ...head,
      object: object.whole,
      choices: [
        {
          index: 0,
          ...(chat ? { message: { role: 'assistant', content: text } } : { text }),
          logprobs: null,
          finish_reason: finishReason,
        },
      ],
      usage,
    }),
    /** Only chats begin with a frame that names the role. */
    first: () => chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
    piece: (text) => chunk([{ index: 0, ...(chat ? { delta: { content: text } } : { text }), finish_reason: null }]),
    last: (finishReason) => chunk([{ index: 0, ...(chat ? { delta: {} } : { text: '' }), finish_reason: finishReason }]),
    usage: (usage) => ({ ...chunk([]), usage }),
  };
}

export function usageOf(promptTokens, completionTokens) {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}

export function errorBody({ message, status, code, param }) {
  return { error: { message, type: status >= 500 ? 'server_error' : 'invalid_request_error', param: param ?? null, code } };
}

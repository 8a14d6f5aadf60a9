import { CHAT_STOP, isRole, writeTranscript } from './transcript.mjs';

/** Without `max_tokens`; a small base model seldom stops by itself. */
const ANSWER_TOKENS_DEFAULT = 256;
const STOP_SEQUENCES_MAX = 4;
/** The most probable token each time: a model this small wanders off otherwise, and the same question gets the same answer. */
const TEMPERATURE_DEFAULT = 0;

/** A refusal of a request, with OpenAI's `code` and the field at fault. */
export class RequestError extends Error {
  constructor(status, code, message, param = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

/**
 * Reads the body of a call into what the generation needs. Throws `RequestError` for what is wrong, and for what this server
 * cannot do and would otherwise answer wrongly. Other unknown fields are ignored, as model servers commonly do.
 */
export function parseRequest(kind, body, { engine, modelName }) {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('the body must be a JSON object');
  if (body.model !== modelName)
    throw new RequestError(404, 'model_not_found', `the model ${JSON.stringify(body.model)} does not exist`, 'model');
  refuseUnsupported(body);
  const prompt = engine.tokenize(kind === 'chat' ? writeTranscript(readMessages(body.messages)) : readPrompt(body.prompt));
  const room = engine.contextTokens - prompt.length;
  if (room < 1) {
    const message = `the prompt has ${prompt.length} tokens; with at least one of the answer it must fit into ${engine.contextTokens}`;
    throw new RequestError(400, 'context_length_exceeded', message, kind === 'chat' ? 'messages' : 'prompt');
  }
  const asked = number(body, 'max_completion_tokens', 1, Infinity, true) ?? number(body, 'max_tokens', 1, Infinity, true);
  return {
    prompt,
    answerTokensMax: Math.min(asked ?? ANSWER_TOKENS_DEFAULT, room),
    stop: [...readStop(body.stop), ...(kind === 'chat' ? CHAT_STOP : [])],
    trimStart: kind === 'chat',
    sampling: readSampling(body),
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
  };
}

function refuseUnsupported(body) {
  const asked = {
    n: (body.n ?? 1) !== 1,
    best_of: (body.best_of ?? 1) !== 1,
    tools: (body.tools?.length ?? 0) > 0,
    response_format: (body.response_format?.type ?? 'text') !== 'text',
    logprobs: ![undefined, null, false].includes(body.logprobs),
    echo: body.echo === true,
    suffix: (body.suffix ?? '') !== '',
  };
  const field = Object.keys(asked).find((name) => asked[name]);
  if (field !== undefined) throw new RequestError(400, 'unsupported_parameter', `this server does not support ${field}`, field);
}

function readMessages(messages) {
  if (!Array.isArray(messages) || messages.length === 0)
    throw invalid('messages must be a list with at least one message', 'messages');
  return messages.map((message) => {
    if (!isRole(message?.role)) throw invalid('the role of a message must be system, developer, user or assistant', 'messages');
    return { role: message.role, text: readContent(message.content) };
  });
}

function readContent(content) {
  if (typeof content === 'string') return content;
  if (Array.isArray(content) && content.every((part) => part?.type === 'text' && typeof part.text === 'string'))
    return content.map((part) => part.text).join('');
  throw invalid('the content of a message must be text', 'messages');
}

function readPrompt(prompt) {
  const only = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only === 'string') return only;
  throw invalid('prompt must be one string', 'prompt');
}

function readStop(stop) {
  const list = typeof stop === 'string' ? [stop] : (stop ?? []);
  const fine =
    Array.isArray(list) && list.length <= STOP_SEQUENCES_MAX && list.every((entry) => typeof entry === 'string' && entry !== '');
  if (!fine) throw invalid(`stop must be a string or a list of at most ${STOP_SEQUENCES_MAX}, none of them empty`, 'stop');
  return list;
}

function readSampling(body) {
  const temperature = number(body, 'temperature', 0, 2) ?? TEMPERATURE_DEFAULT;
  const topP = number(body, 'top_p', 0, 1) ?? 1;
  const seed = number(body, 'seed', -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true);
  return { temperature, topP, ...(seed === undefined ? {} : { seed: Math.abs(seed) % 2 ** 32 }) };
}

function number(body, name, min, max, whole = false) {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || value < min || value > max || (whole && !Number.isInteger(value)))
    throw invalid(`${name} is not a number in its range`, name);
  return value;
}

function invalid(message, param = null) {
  return new RequestError(400, 'invalid_request', message, param);
}

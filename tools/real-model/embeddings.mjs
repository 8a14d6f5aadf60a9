import { RequestError } from './request.mjs';

const INPUTS_MAX = 256;
const FORMATS = ['float', 'base64'];

/**
 * Reads the body of a call of embeddings: `{ texts, format }`. Throws `RequestError` for what is wrong, and for what this server
 * cannot do: token ids as input, and fewer dimensions than the model has.
 */
export function parseEmbeddingsRequest(body, { embedder, embeddingModelName }) {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('the body must be a JSON object', null);
  if (body.model !== embeddingModelName)
    throw new RequestError(404, 'model_not_found', `the model ${JSON.stringify(body.model)} does not exist`, 'model');
  const texts = typeof body.input === 'string' ? [body.input] : body.input;
  const isFine = Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== '');
  if (!isFine || texts.length > INPUTS_MAX)
    throw invalid(`input must be a text or a list of at most ${INPUTS_MAX}, none of them empty`, 'input');
  const format = body.encoding_format ?? 'float';
  if (!FORMATS.includes(format)) throw invalid(`encoding_format must be one of ${FORMATS.join(', ')}`, 'encoding_format');
  if ((body.dimensions ?? embedder.dimensions) !== embedder.dimensions)
    throw new RequestError(400, 'unsupported_parameter', `this model has ${embedder.dimensions} dimensions`, 'dimensions');
  return { texts, format };
}

/** The shape of OpenAI's answer. Usage counts tokens of the model's own tokenizer. */
export async function answerEmbeddings({ texts, format }, { embedder, embeddingModelName }) {
  const vectors = await embedder.embed(texts);
  const tokens = texts.reduce((sum, text) => sum + embedder.countTokens(text), 0);
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: format === 'base64' ? packed(vector) : vector,
    })),
    model: embeddingModelName,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** Little-endian floats of four bytes each, as base64. */
function packed(vector) {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

function invalid(message, param) {
  return new RequestError(400, 'invalid_request', message, param);
}

import { randomUUID } from 'node:crypto';
import type { Exchange } from '../server/exchange.js';
import { countTokens } from '../text/tokenizer.js';
import { waitMs } from '../timing/wait.js';
import { findFault } from '../faults/fault.js';
import { answerJson } from '../wire/answer-json.js';
import { embeddingVector } from './embedding-vector.js';
import { checkModel, flag, invalidField, optionalInteger } from './parse-fields.js';
import { isJsonObject, parseJsonObject } from './parse-json-object.js';

const DOCUMENTS_MAX = 1_000;
const DIMENSIONS = 64;

/** `POST /v1/rerank`, `/v2/rerank`, `/rerank`: documents that share words with the query come first. In the shape of Cohere and Jina. */
export async function rerank(exchange: Exchange): Promise<void> {
  const { settings, faults } = exchange;
  const body = parseJsonObject(exchange.body);
  checkModel(body, settings.model);
  const { query } = body;
  if (typeof query !== 'string' || query === '') throw invalidField('query', 'must be a text that is not empty');
  const documents = textsOf(body['documents']);
  const topN = optionalInteger(body, 'top_n', 1, DOCUMENTS_MAX) ?? documents.length;
  const returnsDocuments = flag(body, 'return_documents');
  const asked = embeddingVector(query, DIMENSIONS);
  const results = documents
    .map((text, index) => ({
      index,
      relevance_score: scoreOf(asked, embeddingVector(text, DIMENSIONS)),
      ...(returnsDocuments ? { document: { text } } : {}),
    }))
    .sort((left, right) => right.relevance_score - left.relevance_score || left.index - right.index)
    .slice(0, topN);
  await waitMs(exchange.ttftMs, exchange.signal);
  const tokens = documents.reduce((sum, text) => sum + countTokens(text), countTokens(query));
  const reported = findFault(faults, 'zero-usage') ? 0 : tokens;
  const usage = findFault(faults, 'omit-usage') ? {} : { usage: { prompt_tokens: reported, total_tokens: reported } };
  const meta = { api_version: { version: '2' }, billed_units: { search_units: 1 } };
  await answerJson(exchange, { id: randomUUID(), object: 'list', model: settings.model, results, meta, ...usage });
}

/** From the angle between two texts: 0 for none in common, 1 for the same. */
function scoreOf(left: Float32Array, right: Float32Array): number {
  let product = 0;
  for (let index = 0; index < left.length; index += 1) product += (left[index] ?? 0) * (right[index] ?? 0);
  return Math.round(Math.min(1, Math.max(0, product)) * 1_000_000) / 1_000_000;
}

function textsOf(documents: unknown): string[] {
  if (!Array.isArray(documents) || documents.length === 0) throw invalidField('documents', 'must be a list that is not empty');
  if (documents.length > DOCUMENTS_MAX) throw invalidField('documents', `must hold at most ${DOCUMENTS_MAX} documents`);
  return (documents as unknown[]).map((document) => {
    const text = isJsonObject(document) ? document['text'] : document;
    if (typeof text === 'string') return text;
    throw invalidField('documents', 'must hold texts, or objects with a text');
  });
}

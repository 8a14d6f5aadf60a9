import assert from 'node:assert/strict';
import { Cohere, CohereClient, CohereClientV2, CohereError } from 'cohere-ai';
import { MODEL, product, refusalOf, runChecks } from './checks.mjs';

const options = { token: product.key, environment: product.url };
const documents = ['bread', 'the capital of France is Paris', 'the moon is far'];
const ask = { model: MODEL.reranker, query: 'What is the capital of France?', documents, topN: 2 };
const once = { maxRetries: 0 };

await runChecks({
  'reranks over its first API, with the documents where they are wanted': async () => {
    const { results } = await new CohereClient(options).rerank({ ...ask, returnDocuments: true }, once);
    assert.deepEqual([results.length, results[0].index, results[0].document.text], [2, 1, documents[1]]);
  },
  'reranks over its second API': async () => {
    const { results } = await new CohereClientV2(options).rerank(ask, once);
    assert.deepEqual([results.length, results[0].index], [2, 1]);
    assert.ok(results[0].relevanceScore > results[1].relevanceScore);
  },
  'throws its own types': async () => {
    const broke = (changes, token = product.key) =>
      refusalOf(() => new CohereClientV2({ ...options, token }).rerank({ ...ask, ...changes }, once));
    assert.ok((await broke({}, 'eco_wrong')) instanceof Cohere.UnauthorizedError);
    assert.ok((await broke({ model: MODEL.unknown })) instanceof Cohere.NotFoundError);
    assert.ok((await broke({ model: MODEL.chat })) instanceof Cohere.BadRequestError);
    const poor = await broke({ model: MODEL.free }, product.poorKey);
    assert.ok(poor instanceof CohereError);
  },
});

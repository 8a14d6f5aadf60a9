import { isObject, NO_OUTPUT, readUsage, type ReportedUsage } from '../../relay/metering/usage-reading.js';
import type { InferenceApi, OutputReading } from '../api.js';
import { answerMember } from '../body/answer-member.js';
import { openAiEmbeddings } from '../openai-embeddings/openai-embeddings.js';

/** Query and documents in, scores out, in the shape that Cohere's and Jina's clients share. There are no output tokens. */
export function rerank(path: string): InferenceApi {
  return { ...openAiEmbeddings(path), category: 'reranker', readAnswer };
}

function readAnswer(answer: Buffer): OutputReading {
  return { usage: jinaUsage(answerMember(answer, 'usage')) ?? cohereUsage(answerMember(answer, 'meta')), uncounted: NO_OUTPUT };
}

/** Some report the sum alone, which here is the input. */
function jinaUsage(usage: unknown): ReportedUsage | undefined {
  return readUsage(usage) ?? (isObject(usage) ? readUsage({ input_tokens: usage['total_tokens'] }) : undefined);
}

function cohereUsage(meta: unknown): ReportedUsage | undefined {
  return isObject(meta) ? (readUsage(meta['tokens']) ?? readUsage(meta['billed_units'])) : undefined;
}

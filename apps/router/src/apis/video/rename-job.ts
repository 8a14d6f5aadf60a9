import { memberSpan } from '../body/answer-member.js';

/** The answer with another `id`, and every other byte as it was. */
export function renameJob(answer: Buffer, id: string): Buffer {
  const span = memberSpan(answer, 'id');
  if (span === undefined) return answer;
  return Buffer.concat([answer.subarray(0, span.valueStart), Buffer.from(JSON.stringify(id)), answer.subarray(span.valueEnd)]);
}

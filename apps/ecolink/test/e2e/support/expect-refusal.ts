import { type ErrorCode, ERRORS } from '@ecolink/contracts';
import type { Answer } from '@ecolink/testing';

const REQUEST_ID_PATTERN = /^req_[0-9a-f]{32}$/;

/** An answer is the documented refusal: status, the one body shape, a request id. Gives the answer for further looks. */
export function expectRefusal(answer: Answer, code: ErrorCode, param?: string | null): Answer {
  const { status, type } = ERRORS[code];
  // Compared as one object, so that a failure shows what came instead.
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: { error: { message: expect.stringMatching(/./), type, code, param: param === undefined ? expect.anything() : param } },
  });
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('x-ecolink-request-id')).toMatch(REQUEST_ID_PATTERN);
  return answer;
}

import { pathHint } from './path-hint.js';

const SERVED = new Set(['/v1/chat/completions', '/v1/messages', '/v1/models']);
const hint = (path: string): string | undefined => pathHint(path, (one) => SERVED.has(one));

describe('what is said about an unknown path', () => {
  it.each([
    ['/chat/completions', '/v1/chat/completions: let the client'],
    ['/chat/completions/', '/v1/chat/completions: let the client'],
    ['/v1/chat/completions/', 'without a slash at its end'],
    ['/v1/v1/messages', 'leave it out of its base URL'],
    ['/v1/responses/resp_1', 'not stored'],
    ['/v1/responses/resp_1/input_items', 'not stored'],
  ])('names the right one for %s', (path, said) => {
    expect(hint(path)).toContain(said);
  });

  it.each(['/', '/v1', '/v1/', '/v1/nothing', '/v1/chat', '/v1/v1', '////', '/v1/responses/'])('says nothing of %s', (path) => {
    expect(hint(path)).toBeUndefined();
  });
});

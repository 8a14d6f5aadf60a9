import { AccountCalls } from './account-calls.js';

describe('calls of an account', () => {
  it('are bounded for each account by itself, and there is room again when one has ended', () => {
    const calls = new AccountCalls(2);
    const [first] = [calls.enter('a'), calls.enter('a')];
    expect(calls.enter('a')).toMatchObject({ code: 'rate_limit_exceeded', retryAfterSeconds: 1 });
    expect(calls.enter('b')).toBeInstanceOf(Function);
    if (typeof first === 'function') first();
    expect(calls.enter('a')).toBeInstanceOf(Function);
  });
});

import { forgetToken, keepToken, operatorToken, subscribeToToken, tokenRefused, wasTokenRefused } from './token.js';

describe('the token of an operator', () => {
  afterEach(forgetToken);

  it('is given up when it is refused, and says so until the next one', () => {
    keepToken('first');
    tokenRefused('first');
    expect(operatorToken()).toBeUndefined();
    expect(wasTokenRefused()).toBe(true);
    keepToken('second');
    expect(wasTokenRefused()).toBe(false);
  });

  it('stays when a late answer refuses an earlier one', () => {
    keepToken('second');
    tokenRefused('first');
    expect(operatorToken()).toBe('second');
  });

  it('tells its listeners of each change once', () => {
    let changes = 0;
    const stop = subscribeToToken(() => (changes += 1));
    keepToken('first');
    keepToken('first');
    forgetToken();
    stop();
    keepToken('second');
    expect(changes).toBe(2);
  });
});

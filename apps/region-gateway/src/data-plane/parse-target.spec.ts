import { parseTarget } from './parse-target.js';

describe('parseTarget', () => {
  it.each([
    ['/5/v1/models', 5, '/v1/models'],
    ['/5', 5, '/'],
    ['/5/', 5, '/'],
    ['/5?a=1', 5, '/?a=1'],
    ['/142/a%2Fb/../c//d/./e?x=%20&x=+&&', 142, '/a%2Fb/../c//d/./e?x=%20&x=+&&'],
    ['/5//host/path', 5, '//host/path'],
    ['/5/http://elsewhere/', 5, '/http://elsewhere/'],
  ])('splits %s', (raw, instanceId, path) => {
    expect(parseTarget(raw)).toEqual({ instanceId, path });
  });

  it.each([
    '/',
    '',
    '*',
    '/pods',
    '/05/x',
    '/0/x',
    '/-1/x',
    '/5x/y',
    '/5%2F',
    'http://pod/5/v1',
    '//5/v1',
    '/99999999999999999/x',
  ])('refuses %j', (raw) => {
    expect(parseTarget(raw)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { duplicateMember } from './duplicate-member.js';

describe('duplicateMember', () => {
  it.each([
    ['{"amount":"5","amount":"7"}', 'amount'],
    ['{"amount":"5","am\\u006funt":"7"}', 'amount'],
    ['{"a":{"b":1,"c":[{"d":1},{"d":2,"e":0,"d":3}]}}', 'd'],
    ['{"a":1,"b":{"a":2},"a":3}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('finds a name that an object has twice: %s', (json, name) => {
    expect(duplicateMember(json)).toBe(name);
  });

  it.each(['{"a":{"a":1},"b":{"a":2}}', '[{"a":1},{"a":2}]', '{"a":"{\\"a\\":1,\\"a\\":2}","b":"\\\\"}', '"a:a"', '{}', '3'])(
    'finds none where names differ: %s',
    (json) => {
      expect(duplicateMember(json)).toBeUndefined();
    },
  );

  it('finds none in what was written from values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(duplicateMember(JSON.stringify(value, null, indent))).toBeUndefined();
      }),
    );
  });
});

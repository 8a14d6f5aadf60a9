import { jsonbText } from './jsonb-text.js';

describe('jsonbText', () => {
  it('leaves ordinary JSON as it is', () => {
    const data = { text: 'Grüße 🌍 "x"', list: [1, null, true] };
    expect(jsonbText(data)).toBe(JSON.stringify(data));
  });

  it('replaces what jsonb refuses: the character 0 and half pairs', () => {
    expect(JSON.parse(jsonbText({ a: 'x\0y', b: ['\ud83d'] }))).toEqual({ a: 'x\uFFFDy', b: ['\uFFFD'] });
  });

  it('keeps a backslash that only looks like an escape', () => {
    expect(JSON.parse(jsonbText({ a: '\\u0000' }))).toEqual({ a: '\\u0000' });
  });

  it('takes text that is there already, and repairs that, too', () => {
    const spaced = '{ "a": 1 }';
    expect(jsonbText({ a: 1 }, spaced)).toBe(spaced);
    expect(JSON.parse(jsonbText({ a: '\0' }, '{ "a": "\\u0000", "b": "\\ud83d" }'))).toEqual({ a: '\uFFFD', b: '\uFFFD' });
  });

  it('writes null for nothing', () => {
    expect(jsonbText(undefined)).toBe('null');
  });
});

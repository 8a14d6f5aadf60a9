import { toCsv } from './csv.js';

describe('toCsv', () => {
  it.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1'])('keeps %j from being run as a formula', (text) => {
    expect(toCsv(['a'], [{ a: text }])).toMatch(/^a\r\n"?'/);
  });

  it('leaves negative amounts numbers', () => {
    expect(toCsv(['a'], [{ a: '-12' }])).toBe('a\r\n-12\r\n');
  });

  it('quotes what would break a line apart', () => {
    expect(toCsv(['a', 'b'], [{ a: 'x,"y"\n', b: null }])).toBe('a,b\r\n"x,""y""\n",\r\n');
  });
});

import { parseFaults } from './parse-fault.js';

describe('parseFaults', () => {
  it.each([
    ['refuse', [{ kind: 'refuse' }]],
    ['status=503;retryAfterSeconds=2;times=1', [{ kind: 'status', status: 503, retryAfterSeconds: 2, times: 1 }]],
    ['cut-after-tokens=5;reset=true, crlf', [{ kind: 'cut-after-tokens', tokens: 5, reset: true }, { kind: 'crlf' }]],
    ['error-after-frames', [{ kind: 'error-after-frames', frames: 0, done: true }]],
    ['{"kind":"status","status":418,"body":"a,b"}', [{ kind: 'status', status: 418, body: 'a,b' }]],
    ['[]', []],
  ])('reads %s', (text, faults) => {
    expect(parseFaults(text)).toEqual(faults);
  });

  it.each([
    ['', /unknown fault ""/],
    ['nonsense', /unknown fault "nonsense"; known: refuse/],
    ['refuse=1', /takes no value/],
    ['refuse;times=2', /cannot be counted/],
    ['status', /needs a value/],
    ['status=99', /from 200 to 599/],
    ['split=0', /from 1 to/],
    ['split=1;colour=red', /no parameter "colour"/],
    ['cut-after-tokens=1;reset=maybe', /true or false/],
    ['[1]', /must be an object/],
    ['{', /must be JSON/],
  ])('refuses %s with a message that says why', (text, message) => {
    expect(() => parseFaults(text)).toThrow(message);
  });
});

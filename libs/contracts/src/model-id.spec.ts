import fc from 'fast-check';
import { formatModelId, parseInstanceId, parseModelId } from './model-id.js';

const INSTANCES: [string, string, number][] = [
  ['my-llama:142', 'my-llama', 142],
  ['org/model:1', 'org/model', 1],
  ['a:b:7', 'a:b', 7],
  ['llama3.2:3b:12', 'llama3.2:3b', 12],
  ['x:9007199254740991', 'x', 9007199254740991],
];

const PLATFORM = [
  'meta-llama/Llama-3.1-8B-Instruct',
  'org/model:7b',
  'x:0142',
  'x:0',
  'x:',
  ':142',
  'x: 142',
  'x:+142',
  'x:1e3',
  'x:-1',
  'x:9223372036854775808',
  'x:9007199254740992',
  'x:99999999999999999999',
  'x:१४२',
  '__proto__',
];

describe('parseModelId', () => {
  it.each(INSTANCES)('splits %s at the last colon', (text, name, instanceId) => {
    expect(parseModelId(text)).toEqual({ kind: 'instance', name, instanceId });
  });

  it.each(PLATFORM)('takes %s as a platform model id, never as an instance', (text) => {
    expect(parseModelId(text)).toEqual({ kind: 'platform', platformModelId: text });
  });

  it('loses nothing of any text: an instance’s id reads back as it was written, and everything else is a platform’s', () => {
    const pieces = fc.constantFrom(':', '0', '1', '9', '9007199254740991', 'a', '/', '-', '+', ' ', '.', '__proto__', '١');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (id) => {
        const parsed = parseModelId(id);
        if (parsed === undefined) expect(id === '' || id.length > 512).toBe(true);
        else if (parsed.kind === 'instance') {
          expect(formatModelId(parsed.name, parsed.instanceId)).toBe(id);
          expect(parsed.name).not.toBe('');
        } else {
          expect(parsed.platformModelId).toBe(id);
          expect(/^.+:[1-9][0-9]{0,14}$/s.test(id)).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses what cannot name anything', () => {
    expect(parseModelId('')).toBeUndefined();
    expect(parseModelId('a'.repeat(513))).toBeUndefined();
  });

  it('reads back what formatModelId writes', () => {
    expect(parseModelId(formatModelId('my-llama', 142))).toEqual({ kind: 'instance', name: 'my-llama', instanceId: 142 });
  });
});

describe('parseInstanceId', () => {
  it('never rounds an id that JavaScript cannot hold', () => {
    expect(parseInstanceId('9007199254740993')).toBeUndefined();
  });
});

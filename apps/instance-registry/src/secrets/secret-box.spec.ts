import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box.js';

const box = new SecretBox(randomBytes(32));

describe('SecretBox', () => {
  it('opens what it sealed, and never seals the same text to the same bytes', () => {
    const sealed = box.seal('sk-geheim', 'pod:1');
    expect(box.open(sealed, 'pod:1')).toBe('sk-geheim');
    expect(Buffer.from(sealed).includes('sk-geheim')).toBe(false);
    expect(box.seal('sk-geheim', 'pod:1')).not.toEqual(sealed);
  });

  it('does not open for another place, with another key, or after a change', () => {
    const sealed = box.seal('sk-geheim', 'pod:1');
    expect(() => box.open(sealed, 'pod:2')).toThrow();
    expect(() => new SecretBox(randomBytes(32)).open(sealed, 'pod:1')).toThrow();
    const changed = Uint8Array.from(sealed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(() => box.open(changed, 'pod:1')).toThrow();
  });

  it('refuses a key of the wrong length', () => {
    expect(() => new SecretBox(randomBytes(16))).toThrow('32 bytes');
  });
});

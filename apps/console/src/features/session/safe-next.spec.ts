import { safeNext } from './safe-next.js';

describe('the address after a sign-in', () => {
  it('keeps an address of the console with its parameters', () => {
    expect(safeNext('/instances?launch=new#top')).toBe('/instances?launch=new#top');
  });

  it.each([undefined, '', 'https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
    'goes to the start page instead of %s',
    (next) => {
      expect(safeNext(next)).toBe('/');
    },
  );
});

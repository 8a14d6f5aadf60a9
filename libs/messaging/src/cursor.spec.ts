import { formatCursor, InvalidCursorError, parseCursor } from './cursor.js';

describe('parseCursor', () => {
  it('reads back what formatCursor writes', () => {
    expect(parseCursor(formatCursor(['0', '17', '9223372036854775807']), 3)).toEqual(['0', '17', '9223372036854775807']);
  });

  it.each(['', '1', '1.2', '1.2.3.4', '1..3', '1.2.-3', '1.2.x', '1.2.3;drop', `1.2.${'9'.repeat(20)}`])(
    'refuses %j for three partitions',
    (text) => {
      expect(() => parseCursor(text, 3)).toThrow(InvalidCursorError);
    },
  );
});

import { BYTES_PER_TURN, joinPieces } from './join-pieces.js';

/** Of different lengths, with bytes that tell where they belong. */
function piecesOf(...lengths: number[]): Buffer[] {
  return lengths.map((length, index) => Buffer.alloc(length, `${index}:`));
}

describe('joining pieces', () => {
  it('gives the only piece as it is, and short ones at once', () => {
    const [only = Buffer.alloc(0)] = piecesOf(3 * BYTES_PER_TURN);
    expect(joinPieces([only], only.length)).toBe(only);
    const short = piecesOf(5, 0, BYTES_PER_TURN - 5);
    const joined = joinPieces(short, BYTES_PER_TURN);
    expect(Buffer.isBuffer(joined) && joined.equals(Buffer.concat(short))).toBe(true);
    expect(joinPieces([], 0)).toEqual(Buffer.alloc(0));
  });

  it.each([
    ['many short pieces', Array.from({ length: 1_000 }, () => 65_536)],
    ['a few long ones', [7, 20 * BYTES_PER_TURN, 0, 9, 3 * BYTES_PER_TURN + 1]],
  ])('lets others be served after every mebibyte of %s', async (_what, lengths) => {
    const pieces = piecesOf(...lengths);
    const length = lengths.reduce((sum, one) => sum + one, 0);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const whole = await joinPieces(pieces, length);
    isOver = true;
    expect(whole.equals(Buffer.concat(pieces))).toBe(true);
    expect(turns).toBeGreaterThanOrEqual(Math.ceil(length / BYTES_PER_TURN) - 1);
  });
});

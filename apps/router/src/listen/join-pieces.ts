/** Copied at once this takes well below a millisecond; what is more waits for later turns of the event loop. */
export const BYTES_PER_TURN = 1_048_576;

/** The pieces as one: at once where they are short; long ones are copied over several turns, in which others are served. */
export function joinPieces(pieces: readonly Buffer[], length: number): Buffer | Promise<Buffer> {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  return length <= BYTES_PER_TURN ? Buffer.concat(pieces, length) : joinInTurns(pieces, length);
}

async function joinInTurns(pieces: readonly Buffer[], length: number): Promise<Buffer> {
  // Memory that nobody touched: it is taken with the copying.
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  let turnEnd = BYTES_PER_TURN;
  for (const piece of pieces) {
    for (let taken = 0; taken < piece.length;) {
      if (at === turnEnd) {
        await new Promise((resolve) => setImmediate(resolve));
        turnEnd += BYTES_PER_TURN;
      }
      const end = Math.min(piece.length, taken + turnEnd - at);
      piece.copy(whole, at, taken, end);
      at += end - taken;
      taken = end;
    }
  }
  return whole;
}

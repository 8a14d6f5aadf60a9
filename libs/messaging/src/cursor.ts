/** The `after` of a read is not a cursor of this topic. */
export class InvalidCursorError extends Error {
  constructor(cursor: string) {
    super(`not a cursor of this topic: ${cursor.slice(0, 100)}`);
    this.name = 'InvalidCursorError';
  }
}

const CURSOR_PATTERN = /^[0-9]{1,19}(\.[0-9]{1,19})*$/;

/** One position per partition, joined by dots: a reader's place in a topic whose partitions each have an order of their own. */
export function formatCursor(positions: readonly string[]): string {
  return positions.join('.');
}

export function parseCursor(cursor: string, partitions: number): readonly string[] {
  const positions = CURSOR_PATTERN.test(cursor) ? cursor.split('.') : [];
  if (positions.length !== partitions) throw new InvalidCursorError(cursor);
  return positions;
}

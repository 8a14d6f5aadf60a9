const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A frame that grows beyond this without an end is passed on in pieces, unread. */
const FRAME_BYTES_MAX = 1_048_576;
/** Blank lines wait for the frame that follows them; beyond this they are passed on without one. */
const BLANK_BYTES_MAX = 65_536;
/** Pieces of one frame that are kept apart; beyond them they are joined, so that tiny pieces take no more room than their bytes. */
const PIECES_MAX = 256;
/** Short lines end within a few bytes: a look at each of them costs less than the native search. */
const NEAR_BYTES = 16;

const NOTHING = Buffer.alloc(0);

/**
 * Cuts a byte stream into SSE frames, each with the blank line that ends it and the blank lines before it, whatever way the
 * bytes arrive: characters and frames may be split anywhere, lines end in LF, CRLF or CR. Joined again, the frames and the
 * rest are the bytes that came in. Time is linear in bytes, and a run of blank lines is one frame with what follows it.
 */
export class SseFrameSplitter {
  private pieces: Buffer[] = [];
  private bufferedBytes = 0;
  /** The line being read has nothing so far: a blank line ends a frame. */
  private isLineBlank = true;
  /** The frame being read has a line that is not blank. */
  private hasLine = false;
  /** The last byte was a CR: an LF that follows belongs to the same line end. */
  private endedInReturn = false;
  /** The last line ended in CR LF: a blank line that ends in CR at the end of a piece has its LF to come. */
  private endsInBoth = false;
  private awaitsFeed = false;
  private chunk: Buffer = NOTHING;
  private frameStart = 0;
  private at = 0;
  /** Where the next LF and CR of the chunk are, found once for each of them. */
  private nextFeed = -1;
  private nextReturn = -1;

  /** Takes bytes; all frames of those before must have been taken with `next`. */
  feed(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.chunk = chunk;
    this.frameStart = 0;
    if (this.endedInReturn) this.endsInBoth = chunk[0] === LINE_FEED;
    this.at = this.endedInReturn && this.endsInBoth ? 1 : 0;
    this.endedInReturn = false;
    this.nextFeed = this.nextReturn = -1;
  }

  /** The next frame that is complete, until there is none in the bytes fed. */
  next(): Buffer | undefined {
    const { chunk } = this;
    if (this.awaitsFeed && chunk.length > 0) {
      this.awaitsFeed = false;
      return this.take(this.at);
    }
    let { at } = this;
    while (at < chunk.length) {
      const byte = chunk[at];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
        this.isLineBlank = false;
        this.hasLine = true;
        at = this.endOfLine(at + 1);
        continue;
      }
      at += 1;
      // A run of blank lines is gone through at once.
      if (byte === LINE_FEED && this.isLineBlank && !this.hasLine) {
        while (at < chunk.length && chunk[at] === LINE_FEED) at += 1;
        this.endsInBoth = false;
        continue;
      }
      const endsFrame = this.isLineBlank && this.hasLine;
      this.isLineBlank = true;
      if (byte === CARRIAGE_RETURN && at === chunk.length) {
        this.endedInReturn = true;
        this.awaitsFeed = endsFrame && this.endsInBoth;
        if (this.awaitsFeed) break;
      } else {
        this.endsInBoth = byte === CARRIAGE_RETURN && chunk[at] === LINE_FEED;
        if (this.endsInBoth) at += 1;
      }
      if (endsFrame) return this.take(at);
    }
    return this.keepRest();
  }

  /** What is left when the stream ends: a frame without its blank line, blank lines, or nothing. */
  end(): Buffer {
    return this.complete(NOTHING);
  }

  private take(at: number): Buffer {
    const { chunk, frameStart } = this;
    this.frameStart = this.at = at;
    this.hasLine = false;
    return this.complete(frameStart === 0 && at === chunk.length ? chunk : chunk.subarray(frameStart, at));
  }

  /** Keeps the beginning of a frame; gives it away unfinished where it is too long to be kept. */
  private keepRest(): Buffer | undefined {
    const rest = this.chunk.subarray(this.frameStart);
    this.chunk = NOTHING;
    this.frameStart = this.at = 0;
    if (rest.length === 0) return undefined;
    this.pieces.push(rest);
    this.bufferedBytes += rest.length;
    if (this.bufferedBytes > (this.hasLine ? FRAME_BYTES_MAX : BLANK_BYTES_MAX)) return this.complete(NOTHING);
    if (this.pieces.length > PIECES_MAX) this.pieces = [Buffer.concat(this.pieces)];
    return undefined;
  }

  private endOfLine(start: number): number {
    const { chunk } = this;
    const nearEnd = Math.min(start + NEAR_BYTES, chunk.length);
    for (let index = start; index < nearEnd; index += 1) {
      const byte = chunk[index];
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) return index;
    }
    if (this.nextFeed < nearEnd) this.nextFeed = indexOrEnd(chunk, LINE_FEED, nearEnd);
    if (this.nextReturn < nearEnd) this.nextReturn = indexOrEnd(chunk, CARRIAGE_RETURN, nearEnd);
    return Math.min(this.nextFeed, this.nextReturn);
  }

  private complete(last: Buffer): Buffer {
    if (this.pieces.length === 0) return last;
    const frame = Buffer.concat([...this.pieces, last]);
    this.pieces = [];
    this.bufferedBytes = 0;
    return frame;
  }
}

function indexOrEnd(chunk: Buffer, byte: number, start: number): number {
  const index = chunk.indexOf(byte, start);
  return index === -1 ? chunk.length : index;
}

/** Whether a frame is complete: its last line is blank. */
export function endsFrame(frame: Buffer): boolean {
  const blank = startOfLineEnd(frame, frame.length);
  return blank !== undefined && (blank === 0 || startOfLineEnd(frame, blank) !== undefined);
}

/** Where the line end begins that stands just before `end`. */
function startOfLineEnd(frame: Buffer, end: number): number | undefined {
  const last = frame[end - 1];
  if (last === CARRIAGE_RETURN) return end - 1;
  if (last !== LINE_FEED) return undefined;
  return frame[end - 2] === CARRIAGE_RETURN ? end - 2 : end - 1;
}

/** Whether a frame may have data: without these letters it has none, whatever else it says. */
export function mayHaveData(frame: Buffer): boolean {
  return frame.includes('data');
}

/** The `data` of a frame: its data lines joined by line feeds; `undefined` when it has none (comments, heartbeats). */
export function frameData(frame: Buffer): string | undefined {
  let data: string | undefined;
  for (const line of frame.toString('utf8').split(/\r\n|\n|\r/)) {
    if (line !== 'data' && !line.startsWith('data:')) continue;
    const value = line.slice(5);
    const text = value.startsWith(' ') ? value.slice(1) : value;
    data = data === undefined ? text : `${data}\n${text}`;
  }
  return data;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A frame that grows beyond this without an end is passed on in pieces, unread. */
const FRAME_BYTES_MAX = 4 * 1_048_576;

/**
 * Cuts a byte stream into SSE frames, each with the blank line that ends it, whatever way the bytes arrive: characters
 * and frames may be split anywhere, lines may end in LF, CRLF or CR LF mixtures. Joined again, the frames and the rest
 * are the bytes that came in.
 */
export class SseFrameSplitter {
  private readonly pieces: Buffer[] = [];
  private bufferedBytes = 0;
  /** The line being read has nothing so far: a blank line ends a frame. */
  private isLineBlank = true;

  /** Takes bytes, gives the frames that they complete. */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let frameStart = 0;
    let lineStart = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, lineStart)) {
      if (this.isLineBlank && isBlank(chunk, lineStart, end)) {
        frames.push(this.complete(frameStart === 0 && end === chunk.length - 1 ? chunk : chunk.subarray(frameStart, end + 1)));
        frameStart = end + 1;
      }
      this.isLineBlank = true;
      lineStart = end + 1;
    }
    if (lineStart < chunk.length) this.isLineBlank &&= isBlank(chunk, lineStart, chunk.length);
    this.keep(chunk.subarray(frameStart));
    if (this.bufferedBytes > FRAME_BYTES_MAX) frames.push(this.complete(Buffer.alloc(0)));
    return frames;
  }

  /** What is left when the stream ends: a frame without its blank line, or nothing. */
  end(): Buffer {
    return this.complete(Buffer.alloc(0));
  }

  private keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.pieces.push(rest);
    this.bufferedBytes += rest.length;
  }

  private complete(last: Buffer): Buffer {
    if (this.pieces.length === 0) return last;
    const frame = Buffer.concat([...this.pieces, last]);
    this.pieces.length = 0;
    this.bufferedBytes = 0;
    return frame;
  }
}

/** Whether there is nothing from `start` to `end` but carriage returns. */
function isBlank(chunk: Buffer, start: number, end: number): boolean {
  let index = start;
  while (index < end && chunk[index] === CARRIAGE_RETURN) index += 1;
  return index === end;
}

/** Whether a frame is complete: its last line is blank. */
export function endsFrame(frame: Buffer): boolean {
  let index = frame.length - 1;
  if (frame[index] !== LINE_FEED) return false;
  do index -= 1;
  while (frame[index] === CARRIAGE_RETURN);
  return index < 0 || frame[index] === LINE_FEED;
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

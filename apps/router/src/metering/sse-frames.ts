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
  /** Length of the line being read, without its end: a blank line ends a frame. */
  private lineLength = 0;

  /** Takes bytes, gives the frames that they complete. */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (byte === LINE_FEED) {
        if (this.lineLength === 0) {
          frames.push(this.complete(chunk.subarray(start, index + 1)));
          start = index + 1;
        }
        this.lineLength = 0;
      } else if (byte !== CARRIAGE_RETURN) {
        this.lineLength += 1;
      }
    }
    this.keep(chunk.subarray(start));
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

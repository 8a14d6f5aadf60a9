import { type PartHead, parsePartHead } from './part-head.js';

const CRLF_CRLF = Buffer.from('\r\n\r\n');
const CRLF = Buffer.from('\r\n');
const DASHES = Buffer.from('--');
const NOTHING = Buffer.alloc(0);
/** Headers of one part; those of real clients take some hundred bytes. */
const HEAD_BYTES_MAX = 16_384;
/** Blanks that may stand between a boundary and its line's end. */
const PADDING_BYTES_MAX = 256;
const PARTS_MAX = 1_000;

/** What hears of the parts of a body. Offsets count the bytes of the whole body. */
export interface PartListener {
  onPart(head: PartHead, start: number): void;
  onPartBytes(bytes: Buffer): void;
  onPartEnd(end: number): void;
}

type State = 'boundary' | 'after_boundary' | 'head' | 'end';

/**
 * Finds the parts of a `multipart/form-data` body as it passes (RFC 7578, RFC 2046), and where they stand, so that one
 * value can be written anew and every other byte stay as it is. It holds no more than a boundary's length, or one part's head.
 */
export class MultipartScanner {
  /** Why the body cannot be read any further. */
  problem: string | undefined;
  private state: State = 'boundary';
  private readonly delimiter: Buffer;
  /** The first boundary may stand at the very start: as if a line's end stood before it. */
  private pending: Buffer = CRLF;
  private pendingStart = -CRLF.length;
  private isInPart = false;
  private parts = 0;

  constructor(
    boundary: string,
    private readonly listener: PartListener,
  ) {
    this.delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** The closing boundary has come; what follows belongs to no part. */
  get isComplete(): boolean {
    return this.state === 'end';
  }

  push(chunk: Buffer): void {
    if (this.problem !== undefined || this.state === 'end') return;
    if (this.state === 'boundary') this.passSeam(chunk);
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    while (this.step()) if (this.problem !== undefined) return;
  }

  /** Where no boundary begins in what is pending, it is content, and the next piece need not be copied behind it. */
  private passSeam(chunk: Buffer): void {
    if (this.pending.length === 0 || chunk.length < this.delimiter.length) return;
    const seam = Buffer.concat([this.pending, chunk.subarray(0, this.delimiter.length)]);
    if (seam.indexOf(this.delimiter) === -1) this.passContent(this.pending.length);
  }

  /** Does what the bytes at hand allow; false when more are needed. */
  private step(): boolean {
    switch (this.state) {
      case 'boundary':
        return this.findBoundary();
      case 'after_boundary':
        return this.passBoundaryLine();
      case 'head':
        return this.readHead();
      case 'end':
        this.pending = NOTHING;
        return false;
    }
  }

  private findBoundary(): boolean {
    const at = this.pending.indexOf(this.delimiter);
    if (at === -1) {
      this.passContent(Math.max(0, this.pending.length - this.delimiter.length + 1));
      return false;
    }
    this.passContent(at);
    if (this.isInPart) this.listener.onPartEnd(this.pendingStart);
    this.isInPart = false;
    this.drop(this.delimiter.length);
    this.state = 'after_boundary';
    return true;
  }

  private passContent(length: number): void {
    if (length === 0) return;
    if (this.isInPart) this.listener.onPartBytes(this.pending.subarray(0, length));
    this.drop(length);
  }

  private passBoundaryLine(): boolean {
    if (this.pending.length < DASHES.length) return false;
    if (this.pending.indexOf(DASHES) === 0) {
      this.state = 'end';
      return true;
    }
    const lineEnd = this.pending.indexOf(CRLF);
    if (lineEnd === -1) {
      if (this.pending.length > PADDING_BYTES_MAX) this.problem = 'a boundary is followed by neither a line’s end nor --';
      return false;
    }
    if (/[^ \t]/.test(this.pending.toString('latin1', 0, lineEnd))) {
      this.problem = 'a boundary is followed by something else';
      return false;
    }
    // The line's end stays: a part without headers has a blank line at once.
    this.drop(lineEnd);
    this.state = 'head';
    return true;
  }

  private readHead(): boolean {
    const end = this.pending.indexOf(CRLF_CRLF);
    if (end === -1 || end > HEAD_BYTES_MAX) {
      if (this.pending.length > HEAD_BYTES_MAX) this.problem = `the head of a part is longer than ${HEAD_BYTES_MAX} bytes`;
      return false;
    }
    this.parts += 1;
    if (this.parts > PARTS_MAX) {
      this.problem = `the body has more than ${PARTS_MAX} parts`;
      return false;
    }
    const head = this.pending.toString('latin1', 0, end);
    // An empty part's boundary follows at once, and its line's end is the head's last one.
    this.drop(end + CRLF.length);
    this.listener.onPart(parsePartHead(head), this.pendingStart + CRLF.length);
    this.beginContent();
    return true;
  }

  private beginContent(): void {
    if (this.pending.indexOf(this.delimiter) !== 0) this.drop(CRLF.length);
    this.isInPart = true;
    this.state = 'boundary';
  }

  private drop(length: number): void {
    this.pending = this.pending.subarray(length);
    this.pendingStart += length;
  }
}

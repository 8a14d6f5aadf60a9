import type { PartListener } from './multipart-scanner.js';
import type { PartHead } from './part-head.js';

/** Values of fields that are looked at; longer ones pass unread. */
const VALUE_BYTES_MAX = 65_536;
/** Of a file, enough for the header of its container. */
const FILE_HEAD_BYTES = 65_536;
const FIELDS_MAX = 200;

/** Where the value of `model` stands in the body. */
export interface ModelSpan {
  readonly value: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** What was read of a form so far: short fields, the first file's head, and where the model is named. */
export class FormReading implements PartListener {
  readonly fields = new Map<string, string>();
  model: ModelSpan | undefined;
  /** More than one field names the model: a pod might read the other one. */
  isModelRepeated = false;
  /** Bytes of the first file so far. */
  fileBytes = 0;
  files = 0;
  private readonly fileHeadPieces: Buffer[] = [];
  private fileHeadBytes = 0;
  private name: string | undefined;
  private isFile = false;
  private start = 0;
  private pieces: Buffer[] = [];
  private bytes = 0;

  /** The first bytes of the first file. */
  get fileHead(): Buffer {
    return Buffer.concat(this.fileHeadPieces);
  }

  onPart({ name, fileName }: PartHead, start: number): void {
    this.name = name;
    this.isFile = fileName !== undefined;
    this.start = start;
    this.pieces = [];
    this.bytes = 0;
    if (this.isFile) this.files += 1;
  }

  onPartBytes(bytes: Buffer): void {
    if (this.isFile) {
      if (this.files === 1) this.takeFile(bytes);
      return;
    }
    this.bytes += bytes.length;
    // A copy: what is held must not hold the whole piece that it came with.
    if (this.bytes <= VALUE_BYTES_MAX) this.pieces.push(Buffer.from(bytes));
  }

  onPartEnd(end: number): void {
    const { name } = this;
    if (name === undefined || this.isFile || this.bytes > VALUE_BYTES_MAX) return;
    const value = Buffer.concat(this.pieces).toString('utf8');
    if (name === 'model') this.takeModel({ value, start: Math.min(this.start, end), end });
    if (this.fields.size < FIELDS_MAX && !this.fields.has(name)) this.fields.set(name, value);
  }

  private takeModel(span: ModelSpan): void {
    if (this.model === undefined) this.model = span;
    else this.isModelRepeated = true;
  }

  private takeFile(bytes: Buffer): void {
    this.fileBytes += bytes.length;
    const room = FILE_HEAD_BYTES - this.fileHeadBytes;
    if (room <= 0) return;
    const piece = Buffer.from(bytes.subarray(0, room));
    this.fileHeadBytes += piece.length;
    this.fileHeadPieces.push(piece);
  }
}

import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Refusal } from '@ecolink/contracts';
import type { FormReading, ModelSpan } from './form-reading.js';
import type { MultipartScanner } from './multipart-scanner.js';

export interface UploadParts {
  readonly request: IncomingMessage;
  readonly scanner: MultipartScanner;
  readonly form: FormReading;
  readonly model: ModelSpan;
  /** What has come so far. */
  readonly gathered: Buffer;
  /** Nothing is left to come. */
  readonly isWhole: boolean;
  readonly announcedBytes: number | undefined;
  readonly idleTimeoutMs: number;
}

/** A multipart body whose model is known, and whose rest may still be on its way. */
export class Upload {
  /** Why the rest of the body was not passed on, where it is the client's doing. */
  failure: Refusal | undefined;
  private isDrawn = false;

  constructor(private readonly parts: UploadParts) {}

  get form(): FormReading {
    return this.parts.form;
  }

  /** Its length, as far as it is known beforehand: of one without an announced length what has come. */
  get bytesMax(): number {
    return this.parts.announcedBytes ?? this.parts.gathered.length;
  }

  /** It can be sent from its start (again). */
  get isRepeatable(): boolean {
    return this.parts.isWhole || !this.isDrawn;
  }

  /** Length as the pod gets it; undefined where the client did not say. */
  lengthFor(model: string): number | undefined {
    const { announcedBytes, gathered, isWhole, model: span } = this.parts;
    const length = isWhole ? gathered.length : announcedBytes;
    return length === undefined ? undefined : length + Buffer.byteLength(model) - (span.end - span.start);
  }

  /** The client's own bytes but for the value of `model`: in one piece where all of them are here, else as they come. */
  payloadFor(model: string): Buffer | Readable {
    const { gathered, isWhole, model: span } = this.parts;
    const start = Buffer.concat([gathered.subarray(0, span.start), Buffer.from(model), gathered.subarray(span.end)]);
    return isWhole ? start : Readable.from(this.bytes(start), { objectMode: false });
  }

  private async *bytes(start: Buffer): AsyncGenerator<Buffer> {
    const { request, scanner, form, idleTimeoutMs } = this.parts;
    this.isDrawn = true;
    yield start;
    const idle = setTimeout(() => {
      this.fail({ code: 'invalid_request', message: 'the rest of the body did not come in time' });
      request.destroy();
    }, idleTimeoutMs);
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        idle.refresh();
        scanner.push(chunk);
        if (form.isModelRepeated) this.fail({ code: 'invalid_request', message: 'the body names model twice', param: 'model' });
        if (this.failure !== undefined) throw new Error('the body is refused');
        yield chunk;
        // A pod that takes its time is no fault of the client's.
        idle.refresh();
      }
    } finally {
      clearTimeout(idle);
    }
  }

  private fail(refusal: Refusal): void {
    this.failure ??= refusal;
  }
}

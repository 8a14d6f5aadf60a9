import type { IncomingMessage } from 'node:http';
import { headerValue, headerValues, type Refusal } from '@ecolink/contracts';
import type { BodyHold } from '../../listen/body-budget.js';
import { type BodyLimits, noRoomRefusal } from '../../listen/read-body.js';
import { FormReading } from './form-reading.js';
import { MultipartScanner } from './multipart-scanner.js';
import { boundaryOf } from './part-head.js';
import { Upload } from './upload.js';

export type UploadResult =
  | { readonly kind: 'upload'; readonly upload: Upload; readonly model: string }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'client_gone' };

/** The model must be named within the first so many bytes. */
const MODEL_WITHIN_BYTES = 25 * 1_048_576;
/** A body up to this length is gathered whole, so that it can be sent to another pod when the first one fails. */
const KEPT_BYTES_MAX = 1_048_576;

/** Reads a multipart body until it is known which model it is for. The rest stays in the request, to be passed on as it comes. */
export function readUpload(request: IncomingMessage, limits: BodyLimits, hold: BodyHold): Promise<UploadResult> {
  const encodings = headerValues(request.rawHeaders, 'content-encoding');
  if (encodings.some((encoding) => encoding !== 'identity'))
    return Promise.resolve(refusal('compressed request bodies are not supported: send the form as it is'));
  const boundary = boundaryOf(headerValue(request.rawHeaders, 'content-type') ?? '');
  if (boundary === undefined) return Promise.resolve(refusal('the body must be multipart/form-data with a boundary'));
  if (request.destroyed) return Promise.resolve({ kind: 'client_gone' });
  return new UploadReader(request, limits, hold, boundary).read();
}

class UploadReader {
  private readonly form = new FormReading();
  private readonly scanner: MultipartScanner;
  private readonly chunks: Buffer[] = [];
  private gatheredBytes = 0;
  private readonly announcedBytes: number | undefined;
  private idle: NodeJS.Timeout | undefined;
  private settle: (result: UploadResult) => void = () => undefined;

  constructor(
    private readonly request: IncomingMessage,
    private readonly limits: BodyLimits,
    private readonly hold: BodyHold,
    boundary: string,
  ) {
    this.scanner = new MultipartScanner(boundary, this.form);
    const announced = headerValue(request.rawHeaders, 'content-length');
    this.announcedBytes = announced === undefined ? undefined : Number(announced);
  }

  read(): Promise<UploadResult> {
    const { request } = this;
    return new Promise((resolve) => {
      this.settle = resolve;
      request.on('data', this.onData).on('end', this.onEnd).on('close', this.onClose);
      const late = refusal('the rest of the body did not come in time');
      this.idle = setTimeout(() => this.finish(late), this.limits.bodyIdleTimeoutMs);
    });
  }

  private readonly onData = (chunk: Buffer): void => {
    this.idle?.refresh();
    const refused = this.hold.take(chunk.length);
    if (refused !== undefined) return this.finish({ kind: 'refusal', refusal: noRoomRefusal(refused) });
    this.chunks.push(chunk);
    this.gatheredBytes += chunk.length;
    this.scanner.push(chunk);
    if (this.scanner.problem !== undefined) return this.finish(refusal(`the multipart body is broken: ${this.scanner.problem}`));
    if (this.form.isModelRepeated) return this.finish(refusal('the body names model twice', 'model'));
    if (this.form.model === undefined && this.gatheredBytes > MODEL_WITHIN_BYTES) return this.finish(tooFarBehind());
    if (this.form.model !== undefined && !this.isKept()) this.finishWith(false);
  };

  private readonly onEnd = (): void => {
    if (this.form.model !== undefined) return this.finishWith(true);
    this.finish(
      this.scanner.isComplete
        ? refusal('the body has no model', 'model')
        : refusal('the multipart body is broken: it ends before its last boundary'),
    );
  };

  private readonly onClose = (): void => this.finish({ kind: 'client_gone' });

  /** Whether the rest is waited for, so that all of it can be sent again. */
  private isKept(): boolean {
    return this.announcedBytes !== undefined && this.announcedBytes <= KEPT_BYTES_MAX;
  }

  private finishWith(isWhole: boolean): void {
    const { form, request, scanner, announcedBytes } = this;
    const { model } = form;
    if (model === undefined) return;
    if (model.value === '') return this.finish(refusal('model must not be empty', 'model'));
    const gathered = this.chunks.length === 1 ? (this.chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.chunks);
    const idleTimeoutMs = this.limits.bodyIdleTimeoutMs;
    const upload = new Upload({ request, scanner, form, model, gathered, isWhole, announcedBytes, idleTimeoutMs });
    this.finish({ kind: 'upload', upload, model: model.value });
  }

  private finish(result: UploadResult): void {
    clearTimeout(this.idle);
    this.request.off('data', this.onData).off('end', this.onEnd).off('close', this.onClose);
    this.request.pause();
    this.chunks.length = 0;
    this.settle(result);
  }
}

function tooFarBehind(): UploadResult {
  const message = `model must be named within the first ${MODEL_WITHIN_BYTES} bytes: send it before the file`;
  return { kind: 'refusal', refusal: { code: 'request_too_large', message, param: 'model' } };
}

function refusal(message: string, param?: string): UploadResult {
  return { kind: 'refusal', refusal: { code: 'invalid_request', message, ...(param === undefined ? {} : { param }) } };
}

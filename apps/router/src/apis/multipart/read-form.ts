import type { IncomingMessage } from 'node:http';
import { estimateTokens, type Refusal } from '@ecolink/contracts';
import type { BodyHold } from '../../listen/body-budget.js';
import type { BodyLimits } from '../../listen/read-body.js';
import type { InferenceBody } from '../body/parse-inference-body.js';
import { readUpload } from './read-upload.js';
import type { Upload } from './upload.js';

export type FormResult =
  | { readonly kind: 'body'; readonly body: InferenceBody }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'client_gone' };

const NOTHING = Buffer.alloc(0);

/** Reads of a form what routing and metering need, as far as it stands before the files or beside them. */
export async function readForm(request: IncomingMessage, limits: BodyLimits, hold: BodyHold): Promise<FormResult> {
  const read = await readUpload(request, limits, hold);
  return read.kind === 'upload' ? { kind: 'body', body: bodyOf(read.upload, read.model) } : read;
}

function bodyOf(upload: Upload, model: string): InferenceBody {
  const { fields } = upload.form;
  return {
    bytes: NOTHING,
    model,
    stream: fields.get('stream') === 'true',
    clientWantsUsage: false,
    promptTokens: estimateTokens(Buffer.byteLength(fields.get('prompt') ?? '')),
    hasMedia: upload.form.files > 0,
    limits: { prompts: 1, answers: BigInt(answersOf(fields.get('n'))), outputTokensMax: undefined },
    members: [],
    upload,
  };
}

/** What is no number of answers is the pod's to refuse. */
function answersOf(n: string | undefined): number {
  return n !== undefined && /^\d{1,6}$/.test(n) ? Math.max(1, Number(n)) : 1;
}

import { joinPieces } from '../../listen/join-pieces.js';
import type { InferenceBody } from './parse-inference-body.js';
import type { Edit } from './usage-edit.js';

export interface Rewrite {
  /** What the pod calls the model. */
  readonly model: string;
  /** Ask the pod for a usage frame. */
  readonly askForUsage: boolean;
}

/**
 * The body for the pod: `model` replaced, usage asked for where needed, and every other byte as the client sent it. Long bodies
 * take several turns of the event loop.
 */
export function rewriteBody(body: InferenceBody, rewrite: Rewrite): Buffer | Promise<Buffer> {
  const edits: Edit[] = [];
  const model = body.members.find((member) => member.name === 'model');
  if (model !== undefined && body.model !== rewrite.model) {
    edits.push({ start: model.valueStart, end: model.valueEnd, text: JSON.stringify(rewrite.model) });
  }
  if (rewrite.askForUsage && body.usageEdit !== undefined) edits.push(body.usageEdit);
  return edits.length === 0 ? body.bytes : apply(body.bytes, edits);
}

function apply(bytes: Buffer, edits: Edit[]): Buffer | Promise<Buffer> {
  const pieces: Buffer[] = [];
  let at = 0;
  let length = bytes.length;
  for (const edit of edits.sort((left, right) => left.start - right.start)) {
    const text = Buffer.from(edit.text);
    pieces.push(bytes.subarray(at, edit.start), text);
    length += text.length - (edit.end - edit.start);
    at = edit.end;
  }
  pieces.push(bytes.subarray(at));
  return joinPieces(pieces, length);
}

import type { InferenceBody } from './parse-inference-body.js';
import { type MemberSpan, scanMembers } from './scan-members.js';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Rewrite {
  /** What the pod calls the model. */
  readonly model: string;
  /** Ask the pod for a usage frame. */
  readonly askForUsage: boolean;
}

const OPEN_BRACE = 0x7b;
const TRUE = 'true';

/** The body for the pod: `model` replaced, usage asked for where needed, and every other byte as the client sent it. */
export function rewriteBody(body: InferenceBody, rewrite: Rewrite): Buffer {
  const edits: Edit[] = [];
  const model = body.members.find((member) => member.name === 'model');
  if (model !== undefined && body.model !== rewrite.model) {
    edits.push({ start: model.valueStart, end: model.valueEnd, text: JSON.stringify(rewrite.model) });
  }
  if (rewrite.askForUsage && body.stream && !body.clientWantsUsage) edits.push(...usageEdits(body));
  return edits.length === 0 ? body.bytes : apply(body.bytes, edits);
}

function usageEdits(body: InferenceBody): Edit[] {
  const options = body.members.find((member) => member.name === 'stream_options');
  if (options === undefined) {
    const inside = body.bytes.indexOf(OPEN_BRACE) + 1;
    return [{ start: inside, end: inside, text: '"stream_options":{"include_usage":true},' }];
  }
  if (body.bytes.toString('latin1', options.valueStart, options.valueEnd) === 'null') {
    return [{ start: options.valueStart, end: options.valueEnd, text: '{"include_usage":true}' }];
  }
  // Anything else that is not an object is the pod's to refuse.
  return body.bytes[options.valueStart] === OPEN_BRACE ? [editInside(body.bytes, options)] : [];
}

function editInside(bytes: Buffer, options: MemberSpan): Edit {
  const members = scanMembers(bytes.toString('latin1'), options.valueStart);
  const flag = members.findLast((member) => member.name === 'include_usage');
  if (flag !== undefined) return { start: flag.valueStart, end: flag.valueEnd, text: TRUE };
  const inside = options.valueStart + 1;
  return { start: inside, end: inside, text: `"include_usage":true${members.length === 0 ? '' : ','}` };
}

function apply(bytes: Buffer, edits: readonly Edit[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const edit of [...edits].sort((left, right) => left.start - right.start)) {
    pieces.push(bytes.subarray(at, edit.start), Buffer.from(edit.text));
    at = edit.end;
  }
  pieces.push(bytes.subarray(at));
  return Buffer.concat(pieces);
}

import { type MemberSpan, scanMembers } from './scan-members.js';

/** What stands between two places of a body, in bytes, is replaced by a text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const OPEN_BRACE = 0x7b;
const TRUE = 'true';

/**
 * Asks for usage in the object that begins at `start` and has these members; the text has one character for each byte.
 * Undefined where `stream_options` is neither an object nor null: that is the pod's to refuse.
 */
export function usageEdit(text: string, start: number, members: readonly MemberSpan[]): Edit | undefined {
  const options = members.find((member) => member.name === 'stream_options');
  if (options === undefined) return { start: start + 1, end: start + 1, text: '"stream_options":{"include_usage":true},' };
  const { valueStart, valueEnd } = options;
  if (text.slice(valueStart, valueEnd) === 'null') return { start: valueStart, end: valueEnd, text: '{"include_usage":true}' };
  return text.charCodeAt(valueStart) === OPEN_BRACE ? editInside(text, valueStart) : undefined;
}

function editInside(text: string, start: number): Edit {
  const members = scanMembers(text, start);
  const flag = members.findLast((member) => member.name === 'include_usage');
  if (flag !== undefined) return { start: flag.valueStart, end: flag.valueEnd, text: TRUE };
  return { start: start + 1, end: start + 1, text: `"include_usage":true${members.length === 0 ? '' : ','}` };
}

import { type MemberSpan, scanMembers, skipBlank } from './scan-members.js';

/**
 * The value of one member of a JSON object, without a look at the rest, which is most of it. The last one of that name
 * counts, as it does for `JSON.parse`; undefined where there is none, or the text is no object.
 */
export function answerMember(json: Buffer, name: string): unknown {
  const span = memberSpan(json, name);
  return span === undefined ? undefined : parse(json.toString('utf8', span.valueStart, span.valueEnd));
}

/** Where it stands, in bytes. */
export function memberSpan(json: Buffer, name: string): MemberSpan | undefined {
  // One character for each byte: a name of ours has no other, nor does a number.
  const text = json.toString('latin1');
  const start = skipBlank(text, 0);
  return text[start] === '{' ? membersOf(text, start).findLast((member) => member.name === name) : undefined;
}

function membersOf(text: string, start: number): readonly MemberSpan[] {
  try {
    return scanMembers(text, start);
  } catch {
    return [];
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

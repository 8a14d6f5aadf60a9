import { hash } from 'node:crypto';
import { HEADER, headerValue, type PickingStrategy, type RawHeaders } from '@ecolink/contracts';
import type { InferenceBody } from '../apis/body/parse-inference-body.js';
import { endOfValue, skipBlank } from '../apis/body/scan-members.js';

/** A call to an instance whose strategy wants to know more of it than that it is one. */
export interface PlacedCall {
  readonly strategy: PickingStrategy;
  readonly accountId: string;
  readonly instanceId: number;
  readonly headers: RawHeaders;
  readonly body: InferenceBody;
}

/** How much of a conversation's beginning tells it from others. */
const CONVERSATION_BYTES = 4_096;
/** How much of a list of messages is looked through for the end of the first question. */
const SEARCHED_BYTES = 16_384;
const SESSION_BYTES_MAX = 512;
const SESSION_HEADER = 'x-session-id';
const SESSION_MEMBERS = ['prompt_cache_key', 'user'];
/** What stands before the messages in a prompt, and then what is asked. */
const BEGINNINGS = ['system', 'instructions'];
const CONVERSATIONS = ['messages', 'input', 'prompt', 'query'];
const USERS_TURN = /"role"\s*:\s*"user"/;
/** Of a call that says no limit: most answers are shorter than what would be allowed. */
const OUTPUT_TOKENS_EXPECTED = 256;
const OUTPUT_TOKENS_MAX = 4_096;

/** What the gateway is told so that it can pick a pod; nothing where pods take turns. */
export function placingHeaders(call: PlacedCall): string[] {
  if (call.strategy === 'round_robin') return [];
  const affinity = affinityOf(call);
  const headers = [HEADER.callTokens, String(expectedTokens(call.body))];
  return affinity === undefined ? headers : [...headers, HEADER.affinity, affinity];
}

/** What such headers say of where the call belongs. */
export function affinityIn(headers: RawHeaders): string | undefined {
  return headers.length === 0 ? undefined : headerValue(headers, HEADER.affinity);
}

/**
 * The same for calls that belong together and different for all others, of other accounts too: 16 hexadecimal digits, from which
 * nothing of the prompt can be read. `prefix`: by the first 4 KB of the conversation up to its first question, which later turns
 * repeat. `session`: by what the client says. Undefined where there is nothing to tell it by.
 */
export function affinityOf({ strategy, accountId, instanceId, headers, body }: PlacedCall): string | undefined {
  const common = strategy === 'prefix' ? beginningOf(body) : strategy === 'session' ? sessionOf(headers, body) : undefined;
  if (common === undefined || common === '') return undefined;
  return hash('sha256', `${accountId} ${instanceId} ${common}`).slice(0, 16);
}

function sessionOf(headers: RawHeaders, body: InferenceBody): string | undefined {
  const named = headerValue(headers, SESSION_HEADER);
  if (named !== undefined) return named.slice(0, SESSION_BYTES_MAX);
  for (const name of SESSION_MEMBERS) {
    const value = rawMember(body, name, SESSION_BYTES_MAX);
    if (value?.startsWith('"') === true && value !== '""') return value;
  }
  return undefined;
}

function beginningOf(body: InferenceBody): string {
  const parts = BEGINNINGS.map((name) => rawMember(body, name, CONVERSATION_BYTES) ?? '');
  for (const name of CONVERSATIONS) {
    const value = rawMember(body, name, SEARCHED_BYTES);
    if (value !== undefined) parts.push(firstQuestion(value));
  }
  return parts.join('').slice(0, CONVERSATION_BYTES);
}

/** Of a list of messages those up to the first of the user's; of anything else its beginning. */
function firstQuestion(value: string): string {
  if (!value.startsWith('[')) return value.slice(0, CONVERSATION_BYTES);
  for (let at = skipBlank(value, 1); at < value.length && value[at] !== ']'; at = skipBlank(value, at + 1)) {
    const end = endOfValue(value, at);
    if (USERS_TURN.test(value.slice(at, end))) return value.slice(0, end);
    at = skipBlank(value, end);
    if (value[at] !== ',') break;
  }
  return value.slice(0, CONVERSATION_BYTES);
}

function rawMember({ members, bytes }: InferenceBody, name: string, bytesMax: number): string | undefined {
  const member = members.find((one) => one.name === name);
  if (member === undefined) return undefined;
  return bytes.toString('latin1', member.valueStart, Math.min(member.valueEnd, member.valueStart + bytesMax));
}

function expectedTokens({ promptTokens, limits }: InferenceBody): number {
  const output = Math.min(limits.outputTokensMax ?? OUTPUT_TOKENS_EXPECTED, OUTPUT_TOKENS_MAX);
  return Math.max(1, promptTokens) + output;
}

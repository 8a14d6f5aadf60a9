import { RequestRefused } from '../wire/request-refused.js';

export type JsonObject = Readonly<Record<string, unknown>>;

const NESTING_MAX = 128;

/** Parses a body that must be a JSON object in UTF-8, nested at most 128 deep; refuses anything else with 400. */
export function parseJsonObject(body: Buffer): JsonObject {
  const value = parseJson(body);
  if (!isJsonObject(value)) throw invalid('The request body must be a JSON object.');
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(body: Buffer): unknown {
  if (isNestedTooDeep(body)) throw invalid(`The request body is nested more than ${NESTING_MAX} deep.`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw invalid('The request body is not valid JSON.');
  }
}

function invalid(message: string): RequestRefused {
  return new RequestRefused(400, 'invalid_request', message);
}

function isNestedTooDeep(body: Buffer): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (inString) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > NESTING_MAX) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}

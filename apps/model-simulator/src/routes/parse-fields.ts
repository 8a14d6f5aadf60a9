import { RequestRefused } from '../wire/request-refused.js';
import type { JsonObject } from './parse-json-object.js';
import { isJsonObject } from './parse-json-object.js';

/** Field readers: `null` is the same as absent, and a wrong type is a 400 that names the field. */
export function optionalInteger(body: JsonObject, name: string, min: number, max: number): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalidField(name, `must be an integer from ${min} to ${max}`);
  }
  return value;
}

export function flag(body: JsonObject, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value !== 'boolean') throw invalidField(name, 'must be true or false');
  return value;
}

export function optionalObject(body: JsonObject, name: string): JsonObject | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || isJsonObject(value)) return value;
  throw invalidField(name, 'must be an object');
}

export function invalidField(name: string, problem: string): RequestRefused {
  return new RequestRefused(400, 'invalid_request', `'${name}' ${problem}.`, name);
}

/** Refuses a request for a model that this simulator does not serve. */
export function checkModel(body: JsonObject, served: string): void {
  const { model } = body;
  if (typeof model !== 'string') throw invalidField('model', 'must be a text');
  if (model !== served)
    throw new RequestRefused(404, 'model_not_found', `The model \`${model.slice(0, 256)}\` does not exist.`, 'model');
}

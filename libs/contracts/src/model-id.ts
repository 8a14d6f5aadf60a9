/**
 * The `model` field of a call, as a public id.
 *
 *   model-id     = own-instance / platform
 *   own-instance = name ":" instance-id        ; split at the LAST colon
 *   instance-id  = 1*19DIGIT                   ; no leading zero, at most 2^63 - 1
 *   platform     = anything else that is not empty
 *
 * A suffix that is not an instance id belongs to the name, so `org/model:7b` is a platform id, and so are
 * `x:0142` and `x:9223372036854775808`: unknown platform models, answered with 404.
 */
export type InstanceId = number & { readonly __brand: 'InstanceId' };

export type ModelId =
  | { readonly kind: 'instance'; readonly name: string; readonly instanceId: InstanceId }
  | { readonly kind: 'platform'; readonly platformModelId: string };

/** The largest length of a `model` value that is looked at, in UTF-16 units. Longer ones are unknown by definition. */
export const MODEL_ID_LENGTH_MAX = 512;

/** `name` of a model: the prefix of its public id; no colon, so that the last colon always ends it. */
export const MODEL_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/;

const INSTANCE_ID_PATTERN = /^[1-9][0-9]{0,18}$/;

/**
 * Parses a string of decimal digits to an instance id.
 * Ids are a database sequence and stay far below 2^53; a larger one cannot exist, and is refused rather than rounded.
 */
export function parseInstanceId(text: string): InstanceId | undefined {
  if (!INSTANCE_ID_PATTERN.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? (value as InstanceId) : undefined;
}

/** Parses the `model` field of a call. `undefined` when it cannot name anything (empty or too long). */
export function parseModelId(text: string): ModelId | undefined {
  if (text.length === 0 || text.length > MODEL_ID_LENGTH_MAX) return undefined;
  const colon = text.lastIndexOf(':');
  const instanceId = colon > 0 ? parseInstanceId(text.slice(colon + 1)) : undefined;
  if (instanceId === undefined) return { kind: 'platform', platformModelId: text };
  return { kind: 'instance', name: text.slice(0, colon), instanceId };
}

/** The public id of an instance of a model, e.g. `my-llama:142`. */
export function formatModelId(modelName: string, instanceId: number): string {
  return `${modelName}:${instanceId}`;
}

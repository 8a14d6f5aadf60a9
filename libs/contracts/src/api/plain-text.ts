import { z } from 'zod';

/** A name or remark that a person types: trimmed, never empty, without control characters. */
export function plainText(lengthMax: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(lengthMax)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters');
}

/** An id as it comes in a path or a query. Which ids exist is another question. */
export const resourceId = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'is not an id');

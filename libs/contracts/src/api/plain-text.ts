import { z } from 'zod';

/** Control characters, line separators, and the marks that turn the direction of the text around them. */
const REFUSED = /^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$/;

/** A name or remark that a person types: trimmed, never empty, without control characters. */
export function plainText(lengthMax: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(lengthMax)
    .regex(REFUSED, 'must not hold control characters')
    .refine((text) => text.isWellFormed(), 'must not hold half characters');
}

/** An id as it comes in a path or a query. Which ids exist is another question. */
export const resourceId = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'is not an id');

import { z } from 'zod';

/**
 * An object whose unknown members survive parsing, for what travels or is kept: events, journals, copies on disk. A reader
 * of an older release passes on what a newer one added. The type names the known members only, so that no code reads others.
 */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}

/** Members of an object that `known` does not name. */
export function unknownMembers(value: object, known: ReadonlySet<string>): readonly string[] {
  return Object.keys(value).filter((name) => !known.has(name));
}

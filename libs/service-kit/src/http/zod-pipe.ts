import { ApiError } from '@ecolink/contracts';
import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { pathText } from './path-text.js';

/** A pipe that says what it validates with, so that the published API can be held against it. */
export interface ZodPipe<Schema extends z.ZodType> extends PipeTransform<unknown, z.output<Schema>> {
  readonly schema: Schema;
}

/** `@Body(zodBody(schema))`: the parsed body, or 400 `invalid_request` whose `param` is the first field at fault. */
export function zodBody<Schema extends z.ZodType>(schema: Schema): ZodPipe<Schema> {
  return { schema, transform: (value) => parseOrRefuse(schema, value ?? {}) };
}

/** `@Query(zodQuery(schema))`: the same for the query string, whose values are all text. */
export const zodQuery = zodBody;

export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { message, param } = describe(result.error);
  throw new ApiError('invalid_request', message, param === undefined ? {} : { param });
}

function describe(error: z.ZodError): { message: string; param: string | undefined } {
  const issue = error.issues[0];
  if (issue === undefined) return { message: 'the request is not valid', param: undefined };
  if (issue.code === 'unrecognized_keys') {
    const param = pathText([...issue.path, issue.keys[0] ?? '']);
    return { message: `unknown field: ${param}`, param };
  }
  const param = issue.path.length === 0 ? undefined : pathText(issue.path);
  return { message: param === undefined ? issue.message : `${param}: ${issue.message}`, param };
}

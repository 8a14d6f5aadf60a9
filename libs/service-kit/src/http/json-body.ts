import { ApiError } from '@ecolink/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { duplicateMember } from './duplicate-member.js';
import { pathText } from './path-text.js';

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Fastify's own parser of JSON bodies, which also refuses, by the name of the field, a body that names a member twice and text
 * with a NUL, which no database column holds.
 */
export function jsonBodyParser(fastify: FastifyInstance): (request: FastifyRequest, body: Buffer, done: Done) => void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  return (request, body, done) => {
    const text = body.toString('utf8');
    void parse(request, text, (error, value: unknown) => {
      if (error !== null) return done(error);
      const name = duplicateMember(text);
      if (name !== undefined) return done(new ApiError('invalid_request', `${name}: is there twice`, { param: name }));
      const path = text.includes('\\u0000') ? pathOfNul(value, []) : undefined;
      if (path === undefined) return done(null, value);
      const param = pathText(path);
      done(new ApiError('invalid_request', `${param}: must not hold control characters`, { param }));
    });
  };
}

function pathOfNul(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
  if (typeof value === 'string') return value.includes('\0') ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const inner = [...path, Array.isArray(value) ? Number(name) : name];
    const found = name.includes('\0') ? inner : pathOfNul(part, inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

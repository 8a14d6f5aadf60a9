import type { paths } from './schema.gen.js';

/** The JSON answer of a GET that can answer CSV too. */
export type JsonOf<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Json } } } };
}
  ? Json
  : never;

import type { Problem } from './problem.js';

/**
 * The refusal beside the field it is about. `fields` maps the API's `param` to a form's field; a path such as
 * `source.repo` is looked up whole, then by its first segment. Undefined: it is about none of them.
 */
export function fieldErrors(
  problem: Pick<Problem, 'param' | 'message'>,
  fields: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  if (problem.param === null) return undefined;
  const field = fields[problem.param] ?? fields[problem.param.split(/[.[]/)[0] ?? ''];
  return field === undefined ? undefined : { [field]: sentence(problem.message) };
}

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? '' : '.');
}

import { ApiError, parseInstanceId } from '@ecolink/contracts';
import type { PageRequest } from './page.js';

/** Cursor of a list of instances: an instance id. */
export function instanceCursor(request: PageRequest): bigint | undefined {
  if (request.cursor === undefined) return undefined;
  const id = parseInstanceId(request.cursor);
  if (id === undefined) {
    throw new ApiError('invalid_request', 'must be the id of an instance', {
      param: request.direction === 'older' ? 'after' : 'before',
    });
  }
  return BigInt(id);
}

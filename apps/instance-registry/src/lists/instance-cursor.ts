import { ApiError, type ListQuery, parseInstanceId } from '@ecolink/contracts';
import { cursorOf, isBackwards } from '@ecolink/service-kit';

/** Cursor of a list of instances: an instance id. */
export function instanceCursor(query: ListQuery): bigint | undefined {
  const cursor = cursorOf(query);
  if (cursor === undefined) return undefined;
  const id = parseInstanceId(cursor);
  if (id === undefined) {
    throw new ApiError('invalid_request', 'must be the id of an instance', {
      param: isBackwards(query) ? 'before' : 'after',
    });
  }
  return BigInt(id);
}

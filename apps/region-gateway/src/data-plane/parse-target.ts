/** Where a call goes: an instance, and the path and query its pod gets, byte for byte as the caller wrote them. */
export interface CallTarget {
  readonly instanceId: number;
  readonly path: string;
}

const TARGET_PATTERN = /^\/([1-9][0-9]{0,15})(?=[/?]|$)/;

/**
 * Reads `/<instance_id>/<path>?<query>` from the raw request target. Nothing is decoded or normalised: `%2F`, `..` and
 * `//` mean to the pod what they meant to the caller. `undefined` when the target names no instance, which includes
 * the absolute form (`GET http://…`).
 */
export function parseTarget(rawTarget: string): CallTarget | undefined {
  const match = TARGET_PATTERN.exec(rawTarget);
  if (match?.[1] === undefined) return undefined;
  const rest = rawTarget.slice(match[0].length);
  return { instanceId: Number(match[1]), path: rest.startsWith('/') ? rest : `/${rest}` };
}

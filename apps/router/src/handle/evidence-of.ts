import type { Target } from '../access/resolve-target.js';
import { CallEvidence } from '../routing/call-evidence.js';
import type { Route } from '../routing/candidates.js';
import type { DataPlane } from './data-plane.js';

/** What a call tells about its regions; an ejection is logged and counted. */
export function evidenceOf(plane: DataPlane, target: Target, route: Route): CallEvidence {
  return new CallEvidence(route, (region, outMs) => {
    plane.metrics.observeEjection(region);
    plane.logger.warn({ event: 'region.ejected', instance_id: target.instance.instance_id, region, out_ms: outMs });
  });
}

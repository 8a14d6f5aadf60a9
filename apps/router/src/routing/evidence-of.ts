import type { Target } from '../admission/resolve-target.js';
import { PassiveHealthReport } from './call-evidence.js';
import type { Route } from './candidates.js';
import type { RouterContext } from '../call/router-context.js';

/** What a call tells about its regions; an ejection is logged and counted. */
export function evidenceOf(plane: RouterContext, target: Target, route: Route): PassiveHealthReport {
  return new PassiveHealthReport(route, (region, outMs) => {
    plane.metrics.observeEjection(region);
    plane.logger.warn({ event: 'region.ejected', instance_id: target.instance.instance_id, region, out_ms: outMs });
  });
}

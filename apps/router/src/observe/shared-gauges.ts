import type { SharedTotals } from '@ecolink/shared-state';
import { Gauge, type Registry } from 'prom-client';
import type { SlidingWindowLimiter } from '../admission/sliding-window.js';
import type { RouterState } from '../state/router-state.js';

export interface SharedParts {
  readonly state: RouterState;
  readonly limiter: SlidingWindowLimiter;
  readonly shared: SharedTotals;
}

/** What routers hold together, and how far it was seen to go beyond its limits. */
export function gaugeShared({ state, limiter, shared }: SharedParts, registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      aggregator: 'max',
      registers,
      collect(): void {
        this.set(read());
      },
    });
  };
  gauge('ecolink_router_live_routers', 'Routers that this one hears, itself included', () => shared.live());
  gauge(
    'ecolink_router_rate_limit_overshoot_requests',
    'The furthest that all routers together were seen past a request limit since this one started',
    () => limiter.overshoot.seen,
  );
  gauge(
    'ecolink_router_overspend_nano_usd',
    'The furthest that calls were seen to run past a balance of zero since this router started',
    () => state.extremes.overspend.seen,
  );
  gauge(
    'ecolink_router_overspend_bound_nano_usd',
    'How far calls can run past a balance of zero at the most: the dearest call admitted since this router started, on every live router',
    () => state.extremes.dearestCall.seen * shared.live(),
  );
}

import type { AdminRegionView, RegionView } from '@ecolink/contracts';
import type { StoredRegion } from './regions.store.js';

/** Gateways ask every 10 s; three times unheard is too long. */
const CONTACT_MAX_AGE_MS = 30_000;

export function regionViewOf(region: StoredRegion, now: Date): RegionView {
  const isHeard = region.contactedAt !== null && now.getTime() - region.contactedAt.getTime() <= CONTACT_MAX_AGE_MS;
  return { region: region.code, name: region.name, state: region.state, healthy: region.state !== 'disabled' && isHeard };
}

export function adminRegionViewOf(region: StoredRegion, now: Date): AdminRegionView {
  return {
    ...regionViewOf(region, now),
    gateway_url: region.gatewayUrl,
    driver: region.driver,
    driver_config: { ...region.driverConfig },
    gateway_contacted_at: region.contactedAt?.toISOString() ?? null,
    created_at: region.createdAt.toISOString(),
  };
}

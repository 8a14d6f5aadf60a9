import { hash } from 'node:crypto';
import type { InstanceHealth, InstanceRecord, Refusal } from '@ecolink/contracts';
import { Ejections } from '@ecolink/proxy';
import type { RouterState } from '../state/router-state.js';
import { type RegionCandidate, RegionRotation, type ShareOf } from './choose-regions.js';
import { PodFailures } from './pod-failures.js';
import { RegionLoads } from './region-loads.js';
import { RetryBudget } from './retry-budget.js';

const RETRY_AFTER_SECONDS = 2;

/** Where one call may go, and where to report what became of it. */
export interface Route {
  /** In the order to be tried; empty when no region has a healthy pod. */
  readonly candidates: readonly RegionCandidate[];
  readonly ejections: Ejections;
  readonly retries: RetryBudget;
  readonly loads: RegionLoads;
  readonly podFailures: PodFailures;
}

interface InstanceRouting extends Omit<Route, 'candidates'> {
  readonly rotation: RegionRotation;
  regions: HealthyRegions | undefined;
}

/** Where an instance can be served, and what that was found from: while it is the same, so are they. */
interface HealthyRegions {
  readonly health: InstanceHealth | undefined;
  readonly regionsRevision: number;
  readonly pinnedRegion: string | null;
  readonly candidates: readonly RegionCandidate[];
}

/** Picks the regions for a call: those that are active and have a healthy pod, in their turn, those that failed of late last. */
export class CandidatePicker {
  private readonly routings = new Map<number, InstanceRouting>();

  constructor(
    private readonly state: RouterState,
    private readonly callsPerInstanceMax: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * `regions`: where the call may be served; undefined where anywhere.
   * @param affinity the same for calls that are best served by one pod.
   */
  route(instance: InstanceRecord, regions?: ReadonlySet<string>, affinity?: string): Route {
    const routing = this.routingOf(instance.instance_id);
    const { rotation, ejections, retries, loads, podFailures } = routing;
    retries.earn();
    const healthy = this.healthyRegions(instance, routing);
    const withRoom = healthy.every(({ region }) => loads.hasRoom(region))
      ? healthy
      : healthy.filter(({ region }) => loads.hasRoom(region));
    const shareOf = (region: string): number => ejections.shareOf(region);
    const home = affinity === undefined ? undefined : homeOf(affinity, withRoom, shareOf, loads);
    const order = rotation.order(withRoom, shareOf, home);
    const candidates = regions === undefined ? order : withinRegions(order, regions);
    return { candidates, ejections, retries, loads, podFailures };
  }

  private routingOf(instanceId: number): InstanceRouting {
    let routing = this.routings.get(instanceId);
    if (routing === undefined) {
      routing = {
        rotation: new RegionRotation(),
        ejections: new Ejections(this.now),
        retries: new RetryBudget(this.now),
        loads: new RegionLoads(this.callsPerInstanceMax),
        podFailures: new PodFailures(),
        regions: undefined,
      };
      this.routings.set(instanceId, routing);
    }
    return routing;
  }

  private healthyRegions(instance: InstanceRecord, routing: InstanceRouting): readonly RegionCandidate[] {
    const health = this.state.health.get(String(instance.instance_id));
    const known = routing.regions;
    const regionsRevision = this.state.regions.revision;
    const pinnedRegion = instance.pinned_region;
    if (known?.health === health && known?.regionsRevision === regionsRevision && known.pinnedRegion === pinnedRegion)
      return known.candidates;
    const candidates = this.findCandidates(health, pinnedRegion);
    if (known !== undefined) {
      const before = new Set(known.candidates.map(({ region }) => region));
      for (const { region } of candidates) if (!before.has(region)) routing.ejections.cameBack(region);
    }
    routing.regions = { health, regionsRevision, pinnedRegion, candidates };
    return candidates;
  }

  private findCandidates(health: InstanceHealth | undefined, pinnedRegion: string | null): RegionCandidate[] {
    const healthyPods = new Map<string, number>();
    for (const pod of health?.pods ?? []) {
      if (pod.healthy) healthyPods.set(pod.region, (healthyPods.get(pod.region) ?? 0) + 1);
    }
    const candidates: RegionCandidate[] = [];
    for (const [region, count] of [...healthyPods].sort(([left], [right]) => (left < right ? -1 : 1))) {
      const record = this.state.regions.get(region);
      const isAllowed = pinnedRegion === null || pinnedRegion === region;
      if (isAllowed && record?.state === 'active')
        candidates.push({ region, gatewayUrl: record.gateway_url, healthyPods: count });
    }
    return candidates;
  }
}

/** A region is left for another where it has this many times its part of the instance's calls. */
const LOAD_BOUND = 1.25;

/**
 * The region whose pods calls of this affinity belong to, by its healthy pods; undefined where it is out, or has more than its part of
 * the calls that this router has under way: then the call takes its turn.
 */
function homeOf(
  affinity: string,
  candidates: readonly RegionCandidate[],
  shareOf: ShareOf,
  loads: RegionLoads,
): RegionCandidate | undefined {
  if (candidates.length < 2) return undefined;
  let home: RegionCandidate | undefined;
  let most = -Infinity;
  let pods = 0;
  let calls = 1;
  for (const candidate of candidates) {
    pods += candidate.healthyPods;
    calls += loads.of(candidate.region);
    const number = Number.parseInt(hash('sha256', `${affinity} ${candidate.region}`).slice(0, 12), 16);
    const score = -candidate.healthyPods / Math.log((number + 0.5) / 2 ** 48);
    if (score > most) [home, most] = [candidate, score];
  }
  if (home === undefined || shareOf(home.region) < 1) return undefined;
  const part = Math.max(1, (LOAD_BOUND * calls * home.healthyPods) / pods);
  return loads.of(home.region) + 1 <= Math.max(home.healthyPods, part) ? home : undefined;
}

/** What is left of an order that was made for all regions: turns are counted for the instance, whose calls may go anywhere. */
function withinRegions(order: readonly RegionCandidate[], regions: ReadonlySet<string>): readonly RegionCandidate[] {
  const left = order.filter(({ region }) => regions.has(region));
  const [first] = left;
  // The attempt beyond one for each region went to another region's second pod.
  return first !== undefined && first.healthyPods > 1 && new Set(left).size === left.length ? [...left, first] : left;
}

/** What a caller is told while no pod can serve the instance. */
export function noHealthyPod(instance: InstanceRecord): Refusal {
  const pin = instance.pinned_region;
  const where = pin === null ? 'in any of its regions' : `in ${pin}, the one region that this model's file system pins it to`;
  return {
    code: 'no_healthy_pod',
    message: `no healthy pod with room for a call ${where}; try again`,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  };
}

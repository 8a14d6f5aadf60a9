/** Where the replicas of a GPU launch go. Pure: capacity is what the caller read under its lock. */
export interface RegionCapacity {
  readonly region: string;
  readonly driver: string;
  readonly gpusFree: number;
}

export interface PlacementRequest {
  readonly gpuCount: number;
  /** The filesystem's region: one replica, there. */
  readonly pinnedRegion: string | null;
  /** Only these, in this order of preference. */
  readonly regions: readonly string[] | undefined;
  readonly allowSingleRegion: boolean;
}

export type Placement =
  | { readonly kind: 'placed'; readonly regions: readonly RegionCapacity[] }
  | { readonly kind: 'insufficient'; readonly replicasWanted: number; readonly available: readonly string[] };

const REGIONS_WANTED = 2;

/** One replica each in two regions; in the pinned one alone; or in one where that is allowed and only one has room. */
export function placeReplicas(request: PlacementRequest, capacity: readonly RegionCapacity[]): Placement {
  const candidates = inOrder(request, capacity).filter((entry) => entry.gpusFree >= request.gpuCount);
  const wanted = request.pinnedRegion === null ? REGIONS_WANTED : 1;
  const needed = request.allowSingleRegion ? 1 : wanted;
  if (candidates.length < needed) {
    return { kind: 'insufficient', replicasWanted: wanted, available: candidates.map((entry) => entry.region) };
  }
  return { kind: 'placed', regions: candidates.slice(0, wanted) };
}

/** Replicas that the hold is computed with where no placement could be made. */
export function replicasWanted(pinnedRegion: string | null): number {
  return pinnedRegion === null ? REGIONS_WANTED : 1;
}

function inOrder(request: PlacementRequest, capacity: readonly RegionCapacity[]): RegionCapacity[] {
  if (request.pinnedRegion !== null) return capacity.filter((entry) => entry.region === request.pinnedRegion);
  const { regions } = request;
  if (regions === undefined) {
    return [...capacity].sort((left, right) => right.gpusFree - left.gpusFree || left.region.localeCompare(right.region));
  }
  return [...new Set(regions)].flatMap((region) => capacity.filter((entry) => entry.region === region));
}

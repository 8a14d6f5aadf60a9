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
  /** So many in exactly these regions, instead of one in each of two. */
  readonly replicas?: Readonly<Record<string, number>> | undefined;
}

export interface PlacedRegion extends RegionCapacity {
  readonly replicas: number;
}

export type Placement =
  | { readonly kind: 'placed'; readonly regions: readonly PlacedRegion[] }
  | { readonly kind: 'insufficient'; readonly replicasWanted: number; readonly available: readonly string[] };

const REGIONS_WANTED = 2;

/** One replica each in two regions; in the pinned one alone; in one where that is allowed and only one has room; or as told. */
export function placeReplicas(request: PlacementRequest, capacity: readonly RegionCapacity[]): Placement {
  if (request.replicas !== undefined) return placeAsTold(request.replicas, request.gpuCount, capacity);
  const candidates = inOrder(request, capacity).filter((entry) => entry.gpusFree >= request.gpuCount);
  const wanted = request.pinnedRegion === null ? REGIONS_WANTED : 1;
  const needed = request.allowSingleRegion ? 1 : wanted;
  if (candidates.length < needed) {
    return { kind: 'insufficient', replicasWanted: wanted, available: candidates.map((entry) => entry.region) };
  }
  return { kind: 'placed', regions: candidates.slice(0, wanted).map((entry) => ({ ...entry, replicas: 1 })) };
}

function placeAsTold(
  replicas: Readonly<Record<string, number>>,
  gpuCount: number,
  capacity: readonly RegionCapacity[],
): Placement {
  const wanted = Object.entries(replicas);
  const placed = wanted.flatMap(([region, count]) => {
    const entry = capacity.find((candidate) => candidate.region === region && candidate.gpusFree >= count * gpuCount);
    return entry === undefined ? [] : [{ ...entry, replicas: count }];
  });
  if (placed.length === wanted.length) return { kind: 'placed', regions: placed };
  return { kind: 'insufficient', replicasWanted: replicasIn(replicas), available: placed.map((entry) => entry.region) };
}

/** Replicas that the hold is computed with where no placement could be made. */
export function replicasWanted({ pinnedRegion, replicas }: Pick<PlacementRequest, 'pinnedRegion' | 'replicas'>): number {
  if (replicas !== undefined) return replicasIn(replicas);
  return pinnedRegion === null ? REGIONS_WANTED : 1;
}

/** All replicas of a placement. */
export function replicasPlaced(regions: readonly PlacedRegion[]): number {
  return regions.reduce((sum, entry) => sum + entry.replicas, 0);
}

function replicasIn(replicas: Readonly<Record<string, number>>): number {
  return Object.values(replicas).reduce((sum, count) => sum + count, 0);
}

function inOrder(request: PlacementRequest, capacity: readonly RegionCapacity[]): RegionCapacity[] {
  if (request.pinnedRegion !== null) return capacity.filter((entry) => entry.region === request.pinnedRegion);
  const { regions } = request;
  if (regions === undefined) {
    return [...capacity].sort((left, right) => right.gpusFree - left.gpusFree || left.region.localeCompare(right.region));
  }
  return [...new Set(regions)].flatMap((region) => capacity.filter((entry) => entry.region === region));
}

interface Placed {
  readonly model: string;
  readonly state: string;
  readonly regions: readonly string[];
}

const SERVING = new Set(['pending', 'starting', 'running']);

/** Models whose instances would have no active region left without this one. */
export function servedByRegionAlone(instances: readonly Placed[], region: string, active: readonly string[]): string[] {
  const others = new Set(active.filter((one) => one !== region));
  return instances
    .filter(({ state, regions }) => SERVING.has(state) && regions.includes(region) && !regions.some((one) => others.has(one)))
    .map(({ model }) => model);
}

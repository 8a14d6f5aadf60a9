/**
 * How far apart two copies of an event can be: who publishes sends a batch again when its acknowledgement was lost, and
 * EcoLink's batches have at most 500 events. Ten times that is kept of every partition.
 */
const IDS_KEPT_MAX = 5_000;

export class RecentIds {
  constructor(saved = {}) {
    this.places = new Map(Object.entries(saved).map(([place, ids]) => [place, new Set(ids)]));
  }

  /** False when the id was there already. */
  add(place, id) {
    const ids = this.places.get(place) ?? new Set();
    this.places.set(place, ids);
    if (ids.has(id)) return false;
    ids.add(id);
    // A Set keeps the order of insertion: the first is the oldest.
    if (ids.size > IDS_KEPT_MAX) ids.delete(ids.values().next().value);
    return true;
  }

  toJSON() {
    return Object.fromEntries([...this.places].map(([place, ids]) => [place, [...ids]]));
  }
}

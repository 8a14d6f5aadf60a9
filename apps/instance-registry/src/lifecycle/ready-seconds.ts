export interface ReadySeconds {
  /** As the gateway last said; starts at 0 again when it restarts. */
  readonly reported: number;
  /** Over all its lives; never falls. */
  readonly total: number;
}

/** Carries a gateway's cumulative figure over its restarts: a figure that fell began anew. */
export function addReadySeconds(previous: ReadySeconds | undefined, reported: number): ReadySeconds {
  if (previous === undefined) return { reported, total: reported };
  const grown = reported >= previous.reported ? reported - previous.reported : reported;
  return { reported, total: previous.total + grown };
}

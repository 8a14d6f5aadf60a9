/** One record of the bus. CloudEvents attributes travel as headers, `data` as the JSON value. */
export interface BusEvent<Data = unknown> {
  /** Unique with `source`; consumers deduplicate by the pair. */
  readonly id: string;
  /** Who made it, e.g. `router/router-1` or `auth-billing`. */
  readonly source: string;
  readonly topic: string;
  /** Decides the partition; events of one key stay in order. */
  readonly key: string;
  readonly occurredAt: Date;
  /** JSON-able. */
  readonly data: Data;
  /** `data` as JSON, where whoever publishes has it already. */
  readonly json?: string;
}

/** A record as a consumer gets it. `position` is its place in the partition, a decimal string that only grows. */
export interface DeliveredEvent<Data = unknown> extends BusEvent<Data> {
  readonly partition: number;
  readonly position: string;
}

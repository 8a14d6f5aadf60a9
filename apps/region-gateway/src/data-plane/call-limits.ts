/** Limits of one call, in milliseconds; 0 = none. */
export interface CallLimits {
  /** From the last byte sent to the pod until its answer's headers. */
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of an answer. */
  readonly idleTimeoutMs: number;
  /** From the call's arrival to its last byte. */
  readonly totalTimeoutMs: number;
}

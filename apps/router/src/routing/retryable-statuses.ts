/** A pod's answers that another pod may do better; its 4xx is the client's to see. */
export const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** A call that carries an `Idempotency-Key`, as the store of these keys knows it. */
export interface IdempotentRequest {
  /** Who calls what: equal keys of different scopes have nothing to do with each other. */
  readonly scope: string;
  readonly key: string;
  /** Hash of method, path and body. */
  readonly requestHash: string;
}

/** The right to answer such a call. It is lost to the next caller where it is held for too long. */
export interface IdempotentCall {
  readonly scope: string;
  readonly key: string;
  /** Tells this holder from the one that took the call over. */
  readonly holder: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type IdempotencyClaim =
  | { readonly kind: 'claimed'; readonly call: IdempotentCall }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer }
  /** The key was used for another request. */
  | { readonly kind: 'reused' }
  /** Somebody is working on the same request. */
  | { readonly kind: 'running' };

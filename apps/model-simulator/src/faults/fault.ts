/**
 * Everything that can go wrong on purpose. Process-wide faults hit inference requests only; health has faults of its own, because
 * pods that are green while real calls fail (and the other way round) are what a router has to survive.
 */
export type Fault = FaultKind & {
  /** Hits only so many requests, then is gone. */
  readonly times?: number;
};

type FaultKind =
  /** The listener is closed: connecting is refused. Process-wide only. */
  | { readonly kind: 'refuse' }
  /** The request is read, then the connection ends without an answer. */
  | { readonly kind: 'close-before-headers'; readonly reset: boolean }
  | { readonly kind: 'reset-mid-headers' }
  | { readonly kind: 'hang-before-headers' }
  | { readonly kind: 'status'; readonly status: number; readonly body?: string; readonly retryAfterSeconds?: number }
  /** After so many tokens of a stream; in the middle of a body that is not streamed. */
  | { readonly kind: 'hang-after-tokens'; readonly tokens: number }
  | { readonly kind: 'cut-after-tokens'; readonly tokens: number; readonly reset: boolean }
  /** An error object inside a 200 stream; 0 frames = it is the very first. `done` sends [DONE] after it, as vLLM does. */
  | { readonly kind: 'error-after-frames'; readonly frames: number; readonly done: boolean }
  | { readonly kind: 'omit-usage' }
  | { readonly kind: 'zero-usage' }
  /** 400 for `stream_options`, as old vLLM (0.4.3 and before) does. */
  | { readonly kind: 'reject-stream-options' }
  | { readonly kind: 'slow-body'; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: 'crlf' }
  /** An SSE comment before every n-th token. */
  | { readonly kind: 'comments'; readonly every: number }
  /** Every write in pieces of so many bytes. */
  | { readonly kind: 'split'; readonly bytes: number }
  /** Every multi-byte character split across two writes. */
  | { readonly kind: 'split-utf8' }
  /** The first token's frame is padded to at least so many bytes. */
  | { readonly kind: 'oversize-frame'; readonly bytes: number }
  /** A frame with `choices: []` before every n-th token. */
  | { readonly kind: 'empty-choices'; readonly every: number }
  /** Headers that a proxy must not pass on. */
  | { readonly kind: 'headers' }
  | { readonly kind: 'health-red' }
  | { readonly kind: 'health-hang' }
  /** No /health at all, as with Ollama. */
  | { readonly kind: 'health-missing' };

/** The first fault of one kind, with its own fields. */
export function findFault<K extends Fault['kind']>(faults: readonly Fault[], kind: K): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}

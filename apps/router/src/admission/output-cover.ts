import type { Prices, Refusal } from '@ecolink/contracts';
import { type CallBounds, worstCost } from './call-bounds.js';
import type { Reservation } from './call-reservation.js';

/**
 * Keeps the reservation of one call ahead of its output. A call with a limit has all of it reserved from the start; that of a
 * stream without one grows by a step whenever less than half a step is left.
 */
export class OutputCover {
  private covered: number;
  private readonly tokensMax: number;
  private readonly halfStep: number;

  /** @param bounds undefined where the output costs nothing that would have to be covered. */
  constructor(
    readonly reservation: Reservation,
    private readonly bounds: CallBounds | undefined,
    private readonly prices: Prices,
  ) {
    this.covered = Number(bounds?.outputTokens ?? 0n);
    this.tokensMax = Number(bounds?.outputTokensMax ?? 0n);
    this.halfStep = Number(bounds?.outputStep ?? 0n) / 2;
  }

  /** Tokens of output that are reserved for: the most that a stream may be billed that ends because no more could be. */
  get coveredTokens(): number {
    return this.covered;
  }

  /**
   * Covers the output so far and a little more.
   * @returns the refusal with which the stream ends where that is not possible and what was reserved is used up.
   */
  cover(outputTokens: number): Refusal | undefined {
    if (this.covered >= this.tokensMax || outputTokens <= this.covered - this.halfStep) return undefined;
    const refusal = this.grow(outputTokens);
    return outputTokens >= this.covered ? refusal : undefined;
  }

  private grow(outputTokens: number): Refusal | undefined {
    if (this.bounds === undefined) return undefined;
    const wanted = Math.max(this.covered, outputTokens) + 2 * this.halfStep;
    const next = Math.min(wanted, this.tokensMax);
    const refusal = this.reservation.growTo(worstCost(this.bounds.inputTokens, BigInt(next), this.prices));
    if (refusal === undefined) this.covered = next;
    return refusal;
  }
}

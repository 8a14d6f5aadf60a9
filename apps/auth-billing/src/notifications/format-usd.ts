const NANO_PER_CENT = 10_000_000n;
const NANO_PER_USD = 1_000_000_000n;

/** For people: dollars with two decimals, or with as many as it takes where that would say 0. */
export function formatUsd(nanoUsd: bigint): string {
  const sign = nanoUsd < 0n ? '-' : '';
  const amount = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const whole = amount / NANO_PER_USD;
  const rest = amount % NANO_PER_USD;
  if (amount !== 0n && amount < NANO_PER_CENT) return `${sign}$0.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${sign}$${whole}.${String(rest / NANO_PER_CENT).padStart(2, '0')}`;
}

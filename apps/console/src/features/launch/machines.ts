import type { GpuType } from './queries.js';

export type MachineFit = { readonly verdict: 'yes' | 'tight'; readonly count: number } | { readonly verdict: 'no' | 'unknown' };

type Machine = Pick<GpuType, 'name' | 'hourly_rate_nano_usd' | 'capacity' | 'fits'>;

function hasRoom({ capacity }: Machine): boolean {
  return capacity.some(({ gpus_free: free }) => free > 0);
}

/** With how few GPUs of a type the model runs; undefined where the server was asked without a model. */
export function fitOf({ fits }: Pick<Machine, 'fits'>): MachineFit | undefined {
  if (fits === undefined) return undefined;
  for (const { verdict, gpu_count: count } of fits) if (verdict === 'yes' || verdict === 'tight') return { verdict, count };
  return { verdict: fits.some(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'no' };
}

/** What is free before what is not, and the cheap before the dear. */
export function inOffer<Type extends Machine>(machines: readonly Type[]): Type[] {
  const rate = ({ hourly_rate_nano_usd }: Type): bigint => BigInt(hourly_rate_nano_usd);
  return [...machines].sort(
    (one, other) =>
      Number(hasRoom(other)) - Number(hasRoom(one)) || (rate(one) < rate(other) ? -1 : rate(one) > rate(other) ? 1 : 0),
  );
}

/** The first of the offer that is free and may hold the model, with as many GPUs as that takes. */
export function firstChoice(offer: readonly Machine[]): { readonly gpu: string; readonly count: number } {
  const chosen = offer.find((machine) => hasRoom(machine) && fitOf(machine)?.verdict !== 'no') ?? offer[0];
  return { gpu: chosen?.name ?? '', count: countFor(chosen, 1) };
}

/** At least so many GPUs that the model runs, where that is known. */
export function countFor(machine: Pick<Machine, 'fits'> | undefined, count: number): number {
  const fit = machine === undefined ? undefined : fitOf(machine);
  return fit !== undefined && 'count' in fit ? Math.max(fit.count, count) : count;
}

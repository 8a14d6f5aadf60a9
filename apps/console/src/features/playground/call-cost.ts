import { api, take } from '../../api/client.js';
import { queryClient } from '../../api/query-client.js';

/** A call is in the ledger within a second; beyond this it was not billed, or billing is behind. */
const WAITS_MS = [300, 500, 800, 1_200, 2_000, 3_000, 5_000] as const;

export interface BilledCall {
  readonly cost: bigint;
  readonly estimated: boolean;
  readonly region: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What the ledger says that a call cost; undefined when it has no row for it. */
export async function billedCall(requestId: string): Promise<BilledCall | undefined> {
  for (const wait of WAITS_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const { data } = await take(api.GET('/api/v1/billing/calls', { params: { query: { request_id: requestId } } })).catch(() => ({
      data: [],
    }));
    const [call] = data;
    if (call === undefined) continue;
    if (BigInt(call.cost_nano_usd) > 0n) void queryClient.invalidateQueries({ queryKey: ['billing'] });
    return {
      cost: BigInt(call.cost_nano_usd),
      estimated: call.estimated,
      region: call.region,
      inputTokens: call.units.input_tokens ?? 0,
      outputTokens: call.units.output_tokens ?? 0,
    };
  }
  return undefined;
}

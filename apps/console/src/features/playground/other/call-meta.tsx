import { countText } from '../../../format/count.js';
import { latencyText } from '../../../format/duration.js';
import { text } from '../../../text/index.js';
import { MetaLine, type MetaItem } from '../../../ui/meta-line.js';
import { Money } from '../../../ui/money.js';
import { RegionChip } from '../../../ui/region-chip.js';
import type { CallState } from './use-call.js';

/** What a call took and cost; the cost is the ledger's. */
export function CallMeta({ call, extra = [] }: { readonly call: CallState<unknown>; readonly extra?: readonly MetaItem[] }) {
  const { ran, billed } = call;
  if (ran === undefined) return null;
  const items: MetaItem[] = [{ key: 'duration', value: latencyText(ran.durationMs) }, ...extra];
  if (billed !== undefined) {
    if (billed.inputTokens > 0) items.push({ key: 'in', value: countText(billed.inputTokens), unit: text.playground.in });
    items.push({ key: 'cost', value: <Money amount={billed.cost} /> });
    if (billed.estimated) items.push({ key: 'estimated', value: text.playground.estimated });
  }
  const region = ran.head.region ?? billed?.region;
  return (
    <MetaLine
      lead={region === null || region === undefined ? undefined : <RegionChip region={region} bars={['ready']} />}
      items={items}
    />
  );
}

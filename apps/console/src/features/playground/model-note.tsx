import { moneyText, nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import { RegionChip } from '../../ui/region-chip.js';
import type { Instance } from '../instances/queries.js';
import { barsOf } from '../instances/states.js';
import styles from './chat/chat.module.css';
import type { PickedModel } from './models.js';

interface ModelNoteProps {
  readonly picked: PickedModel | undefined;
  /** A chosen instance that cannot be called now. */
  readonly absent: Instance | undefined;
}

/** Beside the picker: regions, and what a call costs; or why the chosen one cannot be called. */
export function ModelNote({ picked, absent }: ModelNoteProps) {
  const t = text.playground;
  if (picked === undefined) {
    const state = absent === undefined ? t.goneModel : t.stoppedModel(text.instances.words[absent.state]);
    return (
      <span className={styles.barNote} role="status">
        {state} {t.chooseAnother}.
      </span>
    );
  }
  if (picked.kind === 'instance') {
    return (
      <>
        <span className={styles.barChips}>
          {picked.instance.deployments.map(({ region, pods }) => (
            <RegionChip key={region} region={region} bars={barsOf(pods, picked.instance.state)} />
          ))}
        </span>
        <span className={styles.barNote}>{ownCostOf(picked.instance)}</span>
      </>
    );
  }
  const { input_price_per_1m_tokens: input, output_price_per_1m_tokens: output } = picked.model;
  return (
    <span className={styles.barNote}>
      {input === null && output === null ? t.notPriced : t.platformCost(String(input ?? 0), String(output ?? 0))}
    </span>
  );
}

/** An instance's calls are free unless the operator gave them a price. */
function ownCostOf({ prices, gpu_type: gpu }: Instance): string {
  const t = text.playground;
  const units = Object.entries(t.priceUnits).flatMap(([name, unit]) => {
    const amount = prices?.[name as keyof typeof t.priceUnits];
    return amount === undefined || amount === null ? [] : [`${moneyText(nanoUsd(amount))} ${unit}`];
  });
  const calls = units.length === 0 ? t.ownFree : t.ownPriced(units.join(', '));
  return gpu === null ? calls : `${calls} ${t.plusGpu}`;
}

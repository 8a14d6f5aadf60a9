import { Button } from '@mantine/core';
import { useState } from 'react';
import { nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import { Money } from '../../ui/money.js';
import { hardwareText } from './hardware.js';
import styles from './instance.module.css';
import type { Instance } from './queries.js';
import { StrategyDialog } from './strategy-dialog.js';

/** How the instance was launched. */
export function Configuration({ instance }: { readonly instance: Instance }) {
  const { rows, kinds } = text.instance;
  const [asking, setAsking] = useState(false);
  const shown: readonly (readonly [string, string, boolean?])[] = [
    [rows.category, text.instances.category[instance.category]],
    [rows.hardware, hardwareText(instance)],
    ...(instance.image === null ? [] : [[rows.image, instance.image, true] as const]),
    [rows.strategy, text.launch.strategies[instance.strategy]],
    [rows.kind, instance.openai_compatible ? kinds.openai : kinds.custom],
    ...(instance.health_path === null ? [] : [[rows.health, instance.health_path, true] as const]),
    ...(instance.args.length === 0 ? [] : [[rows.served, instance.args.join(' '), true] as const]),
  ];
  return (
    <section className={styles.card}>
      <div className={styles.cardHead}>
        <h2 className={styles.cardTitle}>{text.instance.configuration}</h2>
        {instance.desired_state !== 'terminated' && (
          <Button variant="subtle" size="compact-xs" onClick={() => setAsking(true)}>
            {text.instance.changeStrategy}
          </Button>
        )}
      </div>
      <dl className={styles.rows}>
        {shown.map(([name, value, mono]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className={mono === true ? 'mono' : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
      {asking && <StrategyDialog instance={instance} onClose={() => setAsking(false)} />}
    </section>
  );
}

/** What a call to the instance costs beside its GPU hours. */
export function PriceOfACall({ instance }: { readonly instance: Instance }) {
  const t = text.instance;
  const prices = instance.prices ?? {};
  const shown = [
    [t.pricePer.input, prices.input_nano_usd_per_1m_tokens],
    [t.pricePer.output, prices.output_nano_usd_per_1m_tokens],
    [t.pricePer.request, prices.nano_usd_per_request],
  ].filter((row): row is [string, string] => row[1] !== undefined && row[1] !== null);
  return (
    <section className={styles.card}>
      <h2 className={styles.cardTitle}>{t.price}</h2>
      {shown.length === 0 ? (
        <p>{instance.gpu_type === null ? t.priceFreeExternal : t.priceFree}</p>
      ) : (
        <dl className={styles.rows}>
          {shown.map(([name, amount]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Money amount={nanoUsd(amount)} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

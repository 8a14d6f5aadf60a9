import { durationTextShort } from '../../format/duration.js';
import { text } from '../../text/index.js';
import { RegionChip } from '../../ui/region-chip.js';
import { type DotKind, StateDot } from '../../ui/state-dot.js';
import styles from './instance.module.css';
import type { Instance } from './queries.js';
import { barsOf } from './states.js';

type Pod = Instance['deployments'][number]['pods'][number];

function podStateOf(pod: Pod): { kind: DotKind; word: string } {
  const t = text.instance;
  if (pod.state === 'ready')
    return pod.healthy ? { kind: 'running', word: t.podStates.ready } : { kind: 'failed', word: t.unhealthy };
  const kinds: Record<Exclude<Pod['state'], 'ready'>, DotKind> = {
    pending: 'starting',
    starting: 'starting',
    draining: 'starting',
    stopped: 'stopped',
    failed: 'failed',
  };
  return { kind: kinds[pod.state], word: t.podStates[pod.state] };
}

/** Where an instance runs, pod by pod, and since when each is as it is. */
export function Pods({ instance }: { readonly instance: Instance }) {
  const t = text.instance;
  const pods = instance.deployments.flatMap(({ region, pods: here }) =>
    here.map((pod) => ({ region, pod, bars: barsOf([pod], instance.state) })),
  );
  return (
    <section className={styles.card}>
      <h2 className={styles.cardTitle}>
        {t.regions}
        <span className={styles.cardNote}>{t.probed}</span>
      </h2>
      {pods.length === 0 && <p className={styles.quiet}>{t.noPods}</p>}
      <ul className={styles.pods}>
        {pods.map(({ region, pod, bars }) => (
          <li key={pod.id} className={styles.pod}>
            <span>
              <RegionChip region={region} bars={bars} />
              {pod.url !== undefined && <div className={styles.quiet}>{pod.url}</div>}
            </span>
            <StateDot {...podStateOf(pod)} cause={pod.reason ?? undefined} />
            <span className={styles.quiet}>
              {pod.since === null ? '' : t.since(durationTextShort(Date.now() - Date.parse(pod.since)))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

import { durationTextShort } from '../../format/duration.js';
import { clockText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { Notice } from '../../ui/notice.js';
import { useZone } from '../session/queries.js';
import styles from './instance.module.css';
import type { Instance } from './queries.js';

/** What servers of newer versions tell of a start. */
interface StartView {
  readonly phase?: string | null;
  readonly phase_since?: string | null;
  readonly phase_deadline_at?: string | null;
  readonly progress?: { readonly done_bytes: number; readonly total_bytes: number | null } | null;
  readonly failure?: { readonly phase: string | null; readonly cause: string; readonly log_tail: readonly string[] } | null;
}

const PHASES = ['scheduled', 'pulling', 'downloading', 'loading', 'warming', 'ready'] as const;
const GIGABYTE = 1e9;

/** How far a start has come, or why the last one failed with what the pod wrote. */
export function Start({ instance }: { readonly instance: Instance }) {
  const view = instance as Instance & StartView;
  const isStarting = instance.state === 'starting' || instance.state === 'pending';
  return (
    <>
      {isStarting && view.phase !== undefined && view.phase !== null && <Phases view={view} phase={view.phase} />}
      {view.failure !== undefined && view.failure !== null && instance.state !== 'running' && <Failure failure={view.failure} />}
    </>
  );
}

function Phases({ view, phase }: { readonly view: StartView; readonly phase: string }) {
  const zone = useZone();
  const t = text.instance;
  const at = PHASES.findIndex((known) => known === phase);
  const age = typeof view.phase_since !== 'string' ? undefined : durationTextShort(Date.now() - Date.parse(view.phase_since));
  return (
    <section className={styles.card} aria-labelledby="start">
      <h2 className={styles.cardTitle} id="start">
        {t.startTitleOf}
        <span className={styles.cardNote}>
          {typeof view.phase_deadline_at !== 'string' ? '' : t.givenUpAt(clockText(view.phase_deadline_at, zone))}
        </span>
      </h2>
      <ol className={styles.phases}>
        {PHASES.map((name, index) => (
          <li key={name} className={index < at ? styles.phaseDone : index === at ? styles.phaseNow : styles.phaseNext}>
            <span>{t.phases[name] ?? name}</span>
            {index === at && age !== undefined && <span className={styles.quiet}>{t.since(age)}</span>}
            {index === at && view.progress !== null && view.progress !== undefined && <Bytes progress={view.progress} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Bytes({
  progress: { done_bytes: done, total_bytes: total },
}: {
  readonly progress: NonNullable<StartView['progress']>;
}) {
  const gigabytes = (bytes: number): string => `${(bytes / GIGABYTE).toFixed(1)} GB`;
  return (
    <span className={styles.quiet}>
      {total === null ? gigabytes(done) : text.instance.progress(gigabytes(done), gigabytes(total))}
    </span>
  );
}

function Failure({ failure }: { readonly failure: NonNullable<StartView['failure']> }) {
  const t = text.instance;
  return (
    <Notice kind="bad" title={t.startFailed(failure.phase === null ? '' : (t.phases[failure.phase] ?? failure.phase))}>
      {failure.cause}
      {failure.log_tail.length > 0 && (
        <pre className={styles.log} tabIndex={0} aria-label={t.logs}>
          {failure.log_tail.join('\n')}
        </pre>
      )}
    </Notice>
  );
}

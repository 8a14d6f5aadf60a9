import { latencyText } from '../../format/duration.js';
import { text } from '../../text/index.js';
import type { RequestRow } from './queries.js';
import styles from './requests.module.css';

interface Span {
  readonly label: string;
  readonly note?: string;
  readonly kind: 'quiet' | 'failed' | 'waiting' | 'streaming';
  readonly fromMs: number;
  readonly toMs: number;
}

const WIDTH = 1_000;
const MARK = 8;

/** What a call spent its time on: before the first attempt, every attempt with its cause, the first token, the rest. */
export function Timeline({ request }: { readonly request: RequestRow }) {
  const t = text.requests.drawer;
  const spans = spansOf(request);
  const total = Math.max(1, request.duration_ms, ...spans.map(({ toMs }) => toMs));
  return (
    <>
      {request.attempts.length === 0 && <p className={styles.quiet}>{t.noAttempt}</p>}
      <ol className={styles.timeline}>
        {spans.map(({ label, note, kind, fromMs, toMs }, index) => {
          const width = Math.max(MARK, ((toMs - fromMs) / total) * WIDTH);
          return (
            <li key={index}>
              <span className={styles.spanHead}>
                <span>
                  {label} {note !== undefined && <span className={kind === 'failed' ? styles.cause : styles.quiet}>{note}</span>}
                </span>
                <span>{latencyText(Math.max(0, toMs - fromMs))}</span>
              </span>
              <svg className={styles.track} viewBox={`0 0 ${WIDTH} 4`} preserveAspectRatio="none" aria-hidden="true">
                <rect className={styles.rail} width={WIDTH} height="4" />
                <rect className={styles[kind]} x={Math.min(WIDTH - MARK, (fromMs / total) * WIDTH)} width={width} height="4" />
              </svg>
            </li>
          );
        })}
      </ol>
      <p className={styles.sums}>
        <span>
          {t.overhead} <strong>{latencyText(request.attempts[0]?.started_ms ?? request.duration_ms)}</strong>
        </span>
        {request.ttft_ms !== null && (
          <span>
            {t.firstToken} <strong>{latencyText(request.ttft_ms)}</strong>
          </span>
        )}
        <span>
          {t.total} <strong>{latencyText(request.duration_ms)}</strong>
        </span>
      </p>
    </>
  );
}

function spansOf(request: RequestRow): Span[] {
  const t = text.requests.drawer;
  const { attempts, ttft_ms: ttft, duration_ms: total } = request;
  const first = attempts[0]?.started_ms ?? total;
  const spans: Span[] = [{ label: t.beforeFirst, kind: 'quiet', fromMs: 0, toMs: first }];
  for (const { region, outcome, code, started_ms: started, duration_ms: duration } of attempts) {
    const failed = outcome === 'failed';
    const note = failed ? (code ?? text.requests.outcomes.failed) : `${t.answered}${code === null ? '' : ` · ${code}`}`;
    const end = failed || ttft === null ? started + duration : Math.max(started, Math.min(started + duration, ttft));
    spans.push({
      label: region,
      note,
      kind: failed ? 'failed' : ttft === null ? 'streaming' : 'waiting',
      fromMs: started,
      toMs: end,
    });
  }
  if (ttft !== null && attempts.length > 0) spans.push({ label: t.streaming, kind: 'streaming', fromMs: ttft, toMs: total });
  return spans;
}

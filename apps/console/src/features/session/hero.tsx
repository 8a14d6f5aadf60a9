import { text } from '../../text/index.js';
import styles from './session.module.css';

/** What the product does, as a drawing: one call, two regions, one of them ready to take over. */
export function Hero() {
  return (
    <aside className={styles.right} aria-label={text.shell.product}>
      <svg className={styles.drawing} viewBox="0 0 420 280" fill="none" role="img" aria-label={text.session.heroLabel}>
        <rect x="100.500" y="0.500" width="220" height="69" rx="8" fill="var(--ec-surface)" stroke="var(--ec-line-2)" />
        <g fontFamily="var(--ec-font-mono)" fontSize="12.5">
          <text x="117" y="29" fill="var(--ec-text-3)">
            POST
          </text>
          <text x="156" y="29" fill="var(--ec-text)">
            /v1/chat/completions
          </text>
          <text x="117" y="51" fill="var(--ec-text-3)">
            "model":
          </text>
          <text x="185" y="51" fill="var(--ec-text)" fontWeight="700">
            my-llama<tspan fill="var(--ec-accent-text)">:142</tspan>
          </text>
        </g>
        <g strokeWidth="1.5">
          <path d="M210 74v34c0 26-110 16-110 42v34" stroke="var(--ec-accent)" />
          <path d="M210 108c0 26 110 16 110 42v34" stroke="var(--ec-line-2)" strokeDasharray="1.500 5" strokeLinecap="round" />
          <circle cx="320" cy="183" r="3.500" stroke="var(--ec-line-2)" fill="var(--ec-canvas)" />
        </g>
        <circle cx="210" cy="73" r="3.500" fill="var(--ec-accent)" />
        <circle cx="100" cy="183" r="3.500" fill="var(--ec-accent)" />
        <Region x={0.5} code="mv" name={text.session.heroRegion} note={text.session.heroRegionNote} active />
        <Region x={220.5} code="fra" name={text.session.heroOther} note={text.session.heroOtherNote} />
      </svg>
      <div>
        <p className={styles.heroTitle}>{text.session.heroTitle}</p>
        <p className={styles.heroBody}>{text.session.heroBody}</p>
      </div>
    </aside>
  );
}

interface RegionProps {
  readonly x: number;
  readonly code: string;
  readonly name: string;
  readonly note: string;
  readonly active?: boolean;
}

function Region({ x, code, name, note, active = false }: RegionProps) {
  return (
    <g>
      <rect
        x={x}
        y="191.500"
        width="199"
        height="85"
        rx="8"
        fill="var(--ec-surface)"
        stroke={active ? 'var(--ec-accent)' : 'var(--ec-line)'}
      />
      <rect x={x + 15} y="207" width="5.500" height="12" rx="1.500" fill="var(--ec-ok-dot)" />
      <rect x={x + 22.5} y="207" width="5.500" height="12" rx="1.500" fill="var(--ec-ok-dot)" />
      <text x={x + 34} y="217" fontFamily="var(--ec-font-mono)" fontSize="12" fill="var(--ec-text-2)">
        {code}
      </text>
      <text x={x + 15} y="241" fontSize="13" fontWeight="600" fill="var(--ec-text)">
        {name}
      </text>
      <text x={x + 15} y="261" fontSize="12" fill="var(--ec-text-3)">
        {note}
      </text>
    </g>
  );
}

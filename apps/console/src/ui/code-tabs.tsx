import { useState } from 'react';
import { text } from '../text/index.js';
import { CodeText, type CodeLanguage } from './code-text.js';
import { CopyButton } from './copy-button.js';
import styles from './code-tabs.module.css';

export interface CodeSample {
  readonly label: string;
  readonly language: CodeLanguage;
  readonly code: string;
}

/** The same request in several languages, one at a time, each to be copied whole. */
export function CodeTabs({ samples, name }: { readonly samples: readonly CodeSample[]; readonly name: string }) {
  const [chosen, setChosen] = useState(0);
  const sample = samples[chosen] ?? samples[0];
  if (sample === undefined) return null;
  const move = (by: number): void => setChosen((index) => (index + by + samples.length) % samples.length);
  return (
    <div className={styles.box}>
      <div className={styles.bar}>
        <div role="tablist" aria-label={name} className={styles.tabs}>
          {samples.map(({ label }, index) => (
            <button
              key={label}
              type="button"
              role="tab"
              aria-selected={index === chosen}
              tabIndex={index === chosen ? 0 : -1}
              className={styles.tab}
              onClick={() => setChosen(index)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowRight') move(1);
                if (event.key === 'ArrowLeft') move(-1);
              }}
            >
              {label}
            </button>
          ))}
        </div>
        <CopyButton value={sample.code} label={text.ui.copyCode} />
      </div>
      <div role="tabpanel" aria-label={sample.label} tabIndex={0} className={styles.panel}>
        <CodeText code={sample.code} language={sample.language} />
      </div>
    </div>
  );
}

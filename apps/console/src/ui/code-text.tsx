import { codeTokens } from './code-tokens.js';
import styles from './code-text.module.css';

export type CodeLanguage = 'python' | 'typescript' | 'curl';

/** Short snippets of ours in the colours of code; answers of models are coloured by the highlighter instead. */
export function CodeText({ code, language }: { readonly code: string; readonly language: CodeLanguage }) {
  return (
    <pre className={styles.pre}>
      <code>
        {codeTokens(code, language).map(({ kind, text }, index) => (
          <span key={index} className={kind === 'plain' ? undefined : styles[kind]}>
            {text}
          </span>
        ))}
      </code>
    </pre>
  );
}

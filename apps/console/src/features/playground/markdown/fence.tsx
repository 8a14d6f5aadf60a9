import { memo, useEffect, useState } from 'react';
import { CopyButton } from '../../../ui/copy-button.js';
import { text } from '../../../text/index.js';
import type { Block } from './blocks.js';
import { type ColouredLine, highlight } from './highlight.js';
import styles from './markdown.module.css';

type FenceBlock = Extract<Block, { kind: 'fence' }>;

/** Longer code stays plain: colouring it would take longer than reading it. */
const COLOURED_LENGTH_MAX = 20_000;

/** A code block: plain while it grows, coloured in a worker once it is whole. */
export function Fence({ block }: { readonly block: FenceBlock }) {
  const { language, chunks, open } = block;
  const [coloured, setColoured] = useState<readonly ColouredLine[]>();
  const length = chunks.reduce((sum, chunk) => sum + chunk.length + 1, 0);
  const code = open || length > COLOURED_LENGTH_MAX ? undefined : chunks.join('\n');
  useEffect(() => {
    if (code === undefined || language === '') return;
    let current = true;
    void highlight(code, language).then((lines) => {
      if (current) setColoured(lines);
    });
    return () => {
      current = false;
    };
  }, [code, language]);
  return (
    <div className={styles.fence}>
      <div className={styles.fenceHead}>
        <span>{language === '' ? text.playground.code : language.slice(0, 40)}</span>
        {!open && <CopyButton value={chunks.join('\n')} label={text.ui.copyCode} />}
      </div>
      <pre className={styles.code} tabIndex={0} aria-label={text.playground.codeBlock(language)}>
        {coloured === undefined || code === undefined ? (
          chunks.map((chunk, index) => <Chunk key={index} chunk={chunk} />)
        ) : (
          <Coloured lines={coloured} />
        )}
      </pre>
    </div>
  );
}

const Chunk = memo(function Chunk({ chunk }: { readonly chunk: string }) {
  return <code className={styles.chunk}>{`${chunk}\n`}</code>;
});

const Coloured = memo(function Coloured({ lines }: { readonly lines: readonly ColouredLine[] }) {
  return (
    <code>
      {lines.map((line, index) => (
        <span key={index}>
          {line.map(([content, colour], part) => (
            <span key={part} style={colour === '' ? undefined : { color: colour }}>
              {content}
            </span>
          ))}
          {'\n'}
        </span>
      ))}
    </code>
  );
});

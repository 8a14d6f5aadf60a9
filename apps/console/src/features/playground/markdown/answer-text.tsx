import { memo, useMemo, useRef } from 'react';
import { type Block, BlockSplitter } from './blocks.js';
import { Fence } from './fence.js';
import styles from './markdown.module.css';
import { MarkdownBlock } from './markdown-block.js';

/** A model's answer, hostile until shown otherwise: no picture is loaded, no HTML is read, links lead to https alone. */
export default function AnswerText({ text, streaming }: { readonly text: string; readonly streaming: boolean }) {
  const splitter = useRef<BlockSplitter>(null);
  const blocks = useMemo(() => (splitter.current ??= new BlockSplitter()).update(text, !streaming), [text, streaming]);
  return (
    <div className={styles.answer}>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

const BlockView = memo(function BlockView({ block }: { readonly block: Block }) {
  if (block.kind === 'fence') return <Fence block={block} />;
  if (block.kind === 'plain') return <div className={styles.plain}>{block.raw}</div>;
  return <MarkdownBlock raw={block.raw} open={block.open} />;
});

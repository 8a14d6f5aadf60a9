import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { text } from '../../../text/index.js';
import type { TabProps } from '../tab-props.js';
import { SpeakPanel } from './speak-panel.js';
import { TranscribePanel } from './transcribe-panel.js';
import styles from './other.module.css';

/** Speech from text, or text from speech. */
export function AudioTab(props: TabProps) {
  const [mode, setMode] = useState<'speak' | 'transcribe'>('speak');
  const t = text.otherTabs.audio;
  const modes = (
    <div className={styles.whole}>
      <SegmentedControl
        aria-label={t.mode}
        value={mode}
        onChange={(value) => setMode(value)}
        data={[
          { value: 'speak' as const, label: t.modes.speak },
          { value: 'transcribe' as const, label: t.modes.transcribe },
        ]}
      />
    </div>
  );
  return mode === 'speak' ? <SpeakPanel {...props} modes={modes} /> : <TranscribePanel {...props} modes={modes} />;
}

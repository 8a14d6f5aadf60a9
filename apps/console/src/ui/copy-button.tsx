import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { text } from '../text/index.js';
import { copyText } from './copy-text.js';

const SHOWN_MS = 1_500;

interface CopyButtonProps {
  readonly value: string;
  /** What is copied, for the button's name: "Copy the key". */
  readonly label?: string;
  readonly autoFocus?: boolean;
}

export function CopyButton({ value, label = text.ui.copy, autoFocus = false }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Tooltip label={copied ? text.ui.copied : label}>
      <ActionIcon
        aria-label={copied ? text.ui.copied : label}
        data-autofocus={autoFocus || undefined}
        onClick={() => void copyText(value).then(setCopied)}
      >
        {copied ? <IconCheck size={16} stroke={1.7} /> : <IconCopy size={16} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  );
}

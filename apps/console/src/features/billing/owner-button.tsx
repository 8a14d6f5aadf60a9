import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/index.js';
import { useActiveAccount } from '../session/queries.js';

interface OwnerButtonProps extends Pick<ButtonProps, 'variant' | 'leftSection' | 'size' | 'loading'> {
  readonly onClick: () => void;
  readonly children: ReactNode;
  /** Why it cannot be pressed now, for owners too. */
  readonly reason?: string | undefined;
}

/** An owners' action: members see it, and read why it is not theirs. */
export function OwnerButton({ onClick, children, reason, ...button }: OwnerButtonProps) {
  const isOwner = useActiveAccount()?.role === 'owner';
  const why = isOwner ? reason : text.billing.ownersOnly;
  if (why === undefined)
    return (
      <Button {...button} onClick={onClick}>
        {children}
      </Button>
    );
  return (
    <Tooltip label={why}>
      <Button {...button} data-disabled aria-disabled onClick={(event) => event.preventDefault()}>
        {children}
      </Button>
    </Tooltip>
  );
}

import { Button, type ButtonProps, Tooltip } from '@mantine/core';

interface ReasonedButtonProps extends ButtonProps {
  readonly onClick: () => void;
  /** Why it cannot be pressed now; it stays in sight and keeps its place in the tab order. */
  readonly reason?: string | undefined;
}

/** A button that says why it cannot be pressed, to the pointer, the keyboard and screen readers. */
export function ReasonedButton({ reason, onClick, children, ...rest }: ReasonedButtonProps) {
  if (reason === undefined) {
    return (
      <Button {...rest} onClick={onClick}>
        {children}
      </Button>
    );
  }
  return (
    <Tooltip label={reason} multiline>
      <Button {...rest} aria-disabled="true" data-disabled>
        {children}
        <span className="visually-hidden">. {reason}</span>
      </Button>
    </Tooltip>
  );
}

import { Button, Menu, Popover, TextInput, UnstyledButton } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { text } from '../text/index.js';
import styles from './filter-chips.module.css';

export interface Filter {
  readonly name: string;
  readonly label: string;
  /** Undefined: not filtered by. */
  readonly value: string | undefined;
  /** What may be chosen; without it the value is typed. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  readonly kind?: 'text' | 'date';
}

interface FilterChipsProps {
  readonly filters: readonly Filter[];
  readonly onChange: (name: string, value: string | undefined) => void;
}

/** What a list is filtered by, one chip for each, and a menu of what it could be. The caller keeps the values in the address. */
export function FilterChips({ filters, onChange }: FilterChipsProps) {
  const [open, setOpen] = useState<string>();
  const set = filters.filter(({ name, value }) => value !== undefined || name === open);
  const others = filters.filter(({ name, value }) => value === undefined && name !== open);
  return (
    <>
      {set.map((filter) => (
        <Chip
          key={filter.name}
          filter={filter}
          isOpen={filter.name === open}
          onOpen={(isOpen) => setOpen(isOpen ? filter.name : undefined)}
          onChange={(value) => {
            setOpen(undefined);
            onChange(filter.name, value);
          }}
        />
      ))}
      {others.length > 0 && (
        <Menu position="bottom-start" width={170}>
          <Menu.Target>
            <UnstyledButton className={styles.add}>
              <IconPlus size={14} stroke={1.8} aria-hidden="true" />
              {text.ui.filter}
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map(({ name, label }) => (
              <Menu.Item key={name} onClick={() => setOpen(name)}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

interface ChipProps {
  readonly filter: Filter;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onChange: (value: string | undefined) => void;
}

function Chip({ filter, isOpen, onOpen, onChange }: ChipProps) {
  const { label, value, choices } = filter;
  const shown = choices?.find((choice) => choice.value === value)?.label ?? value;
  return (
    <span className={value === undefined ? styles.chip : styles.set}>
      <Popover
        opened={isOpen}
        onChange={onOpen}
        position="bottom-start"
        trapFocus
        returnFocus
        withinPortal={false}
        width={choices === undefined ? 250 : 200}
      >
        <Popover.Target>
          <UnstyledButton className={styles.name} onClick={() => onOpen(!isOpen)}>
            {label}{' '}
            <strong className={styles.value} title={shown}>
              {shown}
            </strong>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown aria-label={label} className={styles.dropdown}>
          {choices === undefined ? (
            <Typed filter={filter} onChange={onChange} />
          ) : (
            <Choices choices={choices} value={value} onChange={onChange} />
          )}
        </Popover.Dropdown>
      </Popover>
      {value !== undefined && (
        <UnstyledButton className={styles.remove} aria-label={text.ui.removeFilter(label)} onClick={() => onChange(undefined)}>
          <IconX size={13} stroke={2} aria-hidden="true" />
        </UnstyledButton>
      )}
    </span>
  );
}

interface ChoicesProps {
  readonly choices: NonNullable<Filter['choices']>;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}

function Choices({ choices, value, onChange }: ChoicesProps) {
  if (choices.length === 0) return <p className={styles.none}>{text.ui.nothingToChoose}</p>;
  const first = choices.some((choice) => choice.value === value) ? value : choices[0]?.value;
  return (
    <ul className={styles.choices} onKeyDown={walk}>
      {choices.map((choice) => (
        <li key={choice.value}>
          <UnstyledButton
            className={styles.choice}
            aria-pressed={choice.value === value}
            data-autofocus={choice.value === first || undefined}
            onClick={() => onChange(choice.value)}
          >
            {choice.label}
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

/** ↑ and ↓ go through the choices, as in a menu. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}

/** Applied by Enter: each letter would be a query of its own. */
function Typed({ filter, onChange }: { readonly filter: Filter; readonly onChange: (value: string | undefined) => void }) {
  const [typed, setTyped] = useState(filter.value ?? '');
  return (
    <form
      className={styles.typed}
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed.trim() === '' ? undefined : typed.trim());
      }}
    >
      <TextInput
        type={filter.kind ?? 'text'}
        aria-label={filter.label}
        placeholder={filter.label}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
      <Button type="submit" variant="default">
        {text.ui.apply}
      </Button>
    </form>
  );
}

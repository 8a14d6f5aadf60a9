import { Select, Textarea, TextInput } from '@mantine/core';
import styles from './change-dialog.module.css';

export interface Field {
  /** As the API names it. */
  readonly name: string;
  readonly label: string;
  readonly note?: string;
  readonly kind?: 'text' | 'dollars' | 'integer' | 'long' | 'choice';
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** Takes a whole line of the form. */
  readonly isWide?: boolean;
}

interface ChangeFieldProps {
  readonly field: Field;
  readonly value: string;
  readonly error: string | undefined;
  readonly isFirst: boolean;
  readonly onChange: (value: string) => void;
}

export function ChangeField({ field, value, error, isFirst, onChange }: ChangeFieldProps) {
  const { kind = 'text' } = field;
  const shared = {
    label: field.label,
    description: field.note,
    value,
    error,
    className: field.isWide === true || kind === 'long' ? styles.wide : undefined,
    'data-autofocus': isFirst || undefined,
  };
  if (kind === 'choice') {
    return <Select {...shared} data={[...(field.options ?? [])]} onChange={(chosen) => onChange(chosen ?? '')} />;
  }
  if (kind === 'long') {
    return <Textarea {...shared} autosize minRows={2} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return (
    <TextInput
      {...shared}
      autoComplete="off"
      inputMode={kind === 'integer' ? 'numeric' : kind === 'dollars' ? 'decimal' : 'text'}
      leftSection={kind === 'dollars' ? '$' : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

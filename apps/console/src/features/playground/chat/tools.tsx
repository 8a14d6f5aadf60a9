import { ActionIcon, Button, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconTool, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { text } from '../../../text/index.js';
import styles from './chat.module.css';
import type { ToolDefinition } from './turn.js';
import { Dialog } from '../../../ui/dialog.js';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const PARAMETERS_DEFAULT =
  '{\n  "type": "object",\n  "properties": {\n    "query": { "type": "string" }\n  },\n  "required": ["query"]\n}';

interface ToolsProps {
  readonly tools: readonly ToolDefinition[];
  readonly onChange: (tools: readonly ToolDefinition[]) => void;
}

/** Functions that the model may call; its calls are shown and not made. */
export function Tools({ tools, onChange }: ToolsProps) {
  const [adding, setAdding] = useState(false);
  const t = text.playground;
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <h2 className={styles.sectionTitle}>{t.tools}</h2>
        <Button variant="subtle" size="compact-xs" onClick={() => setAdding(true)}>
          {t.addTool}
        </Button>
      </div>
      {tools.length === 0 && <p className={styles.quiet}>{t.noTools}</p>}
      {tools.map((tool) => (
        <div key={tool.name} className={styles.tool}>
          <IconTool size={15} stroke={1.6} aria-hidden="true" />
          <span className={styles.toolName}>{tool.name}</span>
          <ActionIcon
            size={24}
            aria-label={t.removeTool(tool.name)}
            onClick={() => onChange(tools.filter(({ name }) => name !== tool.name))}
          >
            <IconX size={14} stroke={1.7} />
          </ActionIcon>
          <Switch
            aria-label={tool.name}
            checked={tool.enabled}
            onChange={() => onChange(tools.map((one) => (one.name === tool.name ? { ...one, enabled: !one.enabled } : one)))}
          />
        </div>
      ))}
      <ToolDialog
        opened={adding}
        onClose={() => setAdding(false)}
        onAdd={(tool) => {
          onChange([...tools.filter(({ name }) => name !== tool.name), tool]);
          setAdding(false);
        }}
      />
    </section>
  );
}

interface ToolDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onAdd: (tool: ToolDefinition) => void;
}

function ToolDialog({ opened, onClose, onAdd }: ToolDialogProps) {
  const t = text.playground;
  const form = useForm({
    initialValues: { name: '', description: '', parameters: PARAMETERS_DEFAULT },
    validate: {
      name: (name) => (NAME.test(name) ? null : t.toolBadName),
      parameters: (typed) => (isJsonObject(typed) ? null : t.toolBadJson),
    },
  });
  return (
    <Dialog opened={opened} onClose={onClose} title={t.tools} size={520}>
      <form onSubmit={form.onSubmit((values) => onAdd({ ...values, enabled: true }))} className={styles.editor}>
        <TextInput label={t.toolName} {...form.getInputProps('name')} data-autofocus />
        <TextInput label={t.toolDescription} {...form.getInputProps('description')} />
        <Textarea
          label={t.toolParameters}
          autosize
          minRows={6}
          maxRows={16}
          ff="monospace"
          {...form.getInputProps('parameters')}
        />
        <Button type="submit">{t.toolSave}</Button>
      </form>
    </Dialog>
  );
}

function isJsonObject(typed: string): boolean {
  try {
    const parsed: unknown = JSON.parse(typed);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}

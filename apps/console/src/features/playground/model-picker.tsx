import { Popover, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { contextText } from '../../format/count.js';
import { text } from '../../text/index.js';
import { ModelId } from '../../ui/model-id.js';
import { Money } from '../../ui/money.js';
import { RegionChip } from '../../ui/region-chip.js';
import type { Instance } from '../instances/queries.js';
import { barsOf, hourlyCostOf } from '../instances/states.js';
import type { PickedModel } from './models.js';
import styles from './model-picker.module.css';

interface ModelPickerProps {
  readonly models: readonly PickedModel[];
  readonly starting: readonly Instance[];
  readonly value: string | undefined;
  readonly onChange: (id: string) => void;
}

/** Chooses what is called: the account's instances first, then platform models; follows the world live. */
export function ModelPicker({ models, starting, value, onChange }: ModelPickerProps) {
  const [opened, setOpened] = useState(false);
  const choose = (id: string): void => {
    setOpened(false);
    onChange(id);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      width="min(430px, calc(100vw - 16px))"
      trapFocus
      withinPortal={false}
      returnFocus
    >
      <Popover.Target>
        <UnstyledButton className={styles.button} onClick={() => setOpened(!opened)} aria-expanded={opened} data-model-picker>
          {value === undefined ? text.playground.chooseModel : <ModelId id={value} />}
          <IconChevronDown size={15} stroke={1.7} aria-hidden="true" />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={text.playground.chooseModel}>
        <Choices models={models} starting={starting} value={value} onChoose={choose} />
      </Popover.Dropdown>
    </Popover>
  );
}

interface ChoicesProps {
  readonly models: readonly PickedModel[];
  readonly starting: readonly Instance[];
  readonly value: string | undefined;
  readonly onChoose: (id: string) => void;
}

function Choices({ models, starting, value, onChoose }: ChoicesProps) {
  const [query, setQuery] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const wanted = query.trim().toLowerCase();
  const found = models.filter(({ id }) => id.toLowerCase().includes(wanted));
  const own = found.filter((model) => model.kind === 'instance');
  const platform = found.filter((model) => model.kind === 'platform');
  const move = (event: React.KeyboardEvent, by: number): void => {
    const options = [...(list.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = options.findIndex((option) => option === document.activeElement);
    options[Math.min(options.length - 1, Math.max(0, at + by))]?.focus();
    event.preventDefault();
  };
  return (
    <div
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') move(event, 1);
        if (event.key === 'ArrowUp') move(event, -1);
      }}
    >
      <div className={styles.find}>
        <IconSearch size={15} stroke={1.7} aria-hidden="true" />
        <input
          className={styles.input}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [only] = found;
            if (event.key === 'Enter' && only !== undefined) onChoose(only.id);
          }}
          placeholder={text.playground.find.other}
          aria-label={text.playground.find.other}
          data-autofocus
        />
      </div>
      <div ref={list} className={styles.list}>
        {own.length > 0 && <Heading left={text.playground.yourInstances} right={text.playground.running} />}
        {own.map((model) => (
          <Option key={model.id} model={model} chosen={model.id === value} onChoose={onChoose} />
        ))}
        {platform.length > 0 && <Heading left={text.playground.platformModels} right={text.playground.perMillion} />}
        {platform.map((model) => (
          <Option key={model.id} model={model} chosen={model.id === value} onChoose={onChoose} />
        ))}
        {found.length === 0 && (
          <p className={styles.none}>{models.length === 0 ? text.playground.noModelsBody : text.playground.noneFound}</p>
        )}
      </div>
      {starting.length > 0 && (
        <p className={styles.footer}>
          {text.playground.startingNow} <ModelId id={starting[0]?.model ?? ''} />{' '}
          {text.playground.startingNote(text.instances.category[starting[0]?.category ?? 'chat'])}
        </p>
      )}
    </div>
  );
}

function Heading({ left, right }: { readonly left: string; readonly right: string }) {
  return (
    <div className={styles.heading}>
      <span>{left}</span>
      <span>{right}</span>
    </div>
  );
}

interface OptionProps {
  readonly model: PickedModel;
  readonly chosen: boolean;
  readonly onChoose: (id: string) => void;
}

function Option({ model, chosen, onChoose }: OptionProps) {
  return (
    <UnstyledButton className={styles.option} aria-pressed={chosen} onClick={() => onChoose(model.id)}>
      <span className={styles.left}>
        <ModelId id={model.id} />
        <span className={styles.sub}>{model.kind === 'instance' ? model.instance.name : aboutText(model.model)}</span>
      </span>
      <span className={styles.right}>
        {model.kind === 'instance' ? (
          <>
            <span className={styles.chips}>
              {model.instance.deployments.map(({ region, pods }) => (
                <RegionChip key={region} region={region} bars={barsOf(pods, model.instance.state)} />
              ))}
            </span>
            <span className={styles.sub}>
              {model.instance.gpu_type === null ? text.instances.free : <Money amount={hourlyCostOf(model.instance)} />}
              {model.instance.gpu_type === null ? '' : text.shell.perHour}
            </span>
          </>
        ) : (
          <span className={styles.price}>{priceText(model.model)}</span>
        )}
      </span>
    </UnstyledButton>
  );
}

type PlatformModel = Extract<PickedModel, { kind: 'platform' }>['model'];

/** Its context or its name, and whether it is on its way out. */
function aboutText({ context_length: context, display_name: name, status }: PlatformModel): string {
  const about = context === null ? name : text.playground.context(contextText(context));
  return status === 'deprecated' ? `${about} · ${text.playground.deprecated}` : about;
}

interface Priced {
  readonly input_price_per_1m_tokens: number | null;
  readonly output_price_per_1m_tokens: number | null;
}

/** USD per million tokens in and out, as the public list has them. */
function priceText(model: Priced): string {
  const { input_price_per_1m_tokens: input, output_price_per_1m_tokens: output } = model;
  if (input === null && output === null) return text.playground.notPriced;
  return `$${String(input ?? 0)} / $${String(output ?? 0)}`;
}

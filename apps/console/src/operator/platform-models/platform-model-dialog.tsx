import { CATEGORIES, pickingStrategy } from '@ecolink/contracts';
import { take } from '../../api/client.js';
import { operatorText } from '../../text/operator.js';
import { text } from '../../text/index.js';
import { adminApi, type Schemas } from '../api.js';
import { ChangeDialog, type Values } from '../parts/change-dialog.js';
import type { Field } from '../parts/change-field.js';
import { isCount, required } from '../parts/values.js';

export type PlatformModel = Schemas['PlatformModelList']['data'][number];
const t = operatorText.platformModels;

const STATUSES: readonly PlatformModel['status'][] = ['active', 'deprecated', 'disabled'];

const FIELDS: readonly Field[] = [
  { name: 'display_name', label: t.displayName, isWide: true },
  {
    name: 'category',
    label: t.columns.category,
    kind: 'choice',
    options: CATEGORIES.map((value) => ({ value, label: text.instances.category[value] })),
  },
  {
    name: 'status',
    label: t.columns.status,
    kind: 'choice',
    options: STATUSES.map((value) => ({ value, label: t.statuses[value] })),
  },
  { name: 'context_length', label: t.contextLength, kind: 'integer' },
  {
    name: 'strategy',
    label: text.launch.strategy,
    kind: 'choice',
    options: pickingStrategy.options.map((value) => ({ value, label: text.launch.strategies[value] })),
  },
  { name: 'served_model_name', label: t.served, note: t.servedNote },
];
const ID_FIELD: Field = { name: 'id', label: t.id, note: t.idNote, isWide: true };

function validate(values: Values): Values {
  const context = (values['context_length'] ?? '').trim();
  const names = ['display_name', 'id'].filter((name) => name in values || name === 'display_name');
  return {
    ...required(values, names),
    ...(context === '' || isCount(context) ? {} : { context_length: operatorText.errors.count }),
  };
}

function valuesOf(model: PlatformModel | undefined): Values {
  if (model === undefined) return { id: '', category: 'chat', status: 'active', strategy: 'round_robin' };
  const { display_name, category, status, strategy, context_length, served_model_name, id } = model;
  return {
    display_name,
    category,
    status,
    strategy,
    context_length: context_length === null ? '' : String(context_length),
    served_model_name: served_model_name === id ? '' : served_model_name,
  };
}

/** The body but for prices and pods, which stay as they are when left out. */
function bodyOf(values: Values) {
  const context = (values['context_length'] ?? '').trim();
  const served = (values['served_model_name'] ?? '').trim();
  return {
    display_name: (values['display_name'] ?? '').trim(),
    category: CATEGORIES.find((category) => category === values['category']) ?? 'chat',
    status: STATUSES.find((status) => status === values['status']) ?? 'active',
    strategy: pickingStrategy.options.find((strategy) => strategy === values['strategy']) ?? 'round_robin',
    context_length: context === '' ? null : Number(context),
    served_model_name: served === '' ? null : served,
  };
}

export function unchangedBody(model: PlatformModel) {
  return bodyOf(valuesOf(model));
}

interface PlatformModelDialogProps {
  /** Absent: a new one. */
  readonly model?: PlatformModel;
  readonly onClose: () => void;
}

/** Name, status and what it serves; where it runs is set by the API. */
export function PlatformModelDialog({ model, onClose }: PlatformModelDialogProps) {
  const [isNew, action] = [model === undefined, model === undefined ? t.create : t.change];
  return (
    <ChangeDialog
      title={model === undefined ? t.create : t.changeTitle(model.id)}
      body={isNew ? t.createBody : t.changeBody}
      action={action}
      fields={isNew ? [ID_FIELD, ...FIELDS] : FIELDS}
      initial={valuesOf(model)}
      validate={validate}
      onConfirm={async (values) => {
        const id = model?.id ?? (values['id'] ?? '').trim();
        await take(adminApi.PUT('/admin/v1/platform-models/{id}', { params: { path: { id } }, body: bodyOf(values) }));
      }}
      onClose={onClose}
      audited={(values) => ({
        method: 'PUT',
        path: `/admin/v1/platform-models/${encodeURIComponent(model?.id ?? (values['id'] ?? '').trim())}`,
      })}
      changes={['platform-models']}
    />
  );
}

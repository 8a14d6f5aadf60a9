import { type PlanQuotas, planQuotas } from '@ecolink/contracts';
import { take } from '../../api/client.js';
import { operatorText } from '../../text/operator.js';
import { adminApi, type Schemas } from '../api.js';
import { ChangeDialog, type Values } from '../parts/change-dialog.js';
import type { Field } from '../parts/change-field.js';
import { isCount, required } from '../parts/values.js';
import { PLAN_LIMITS, QUOTAS } from './plan-limits.js';

export type Plan = Schemas['PlanList']['data'][number];
const t = operatorText.plans;

const LIMIT_FIELDS: readonly Field[] = PLAN_LIMITS.map((name) => ({ name, label: t.limits[name], kind: 'integer' }));
const NAME_FIELD: Field = { name: 'name', label: t.columns.name, isWide: true };
const MUST_BE_GIVEN = ['requests_per_minute', ...QUOTAS];

function validate(values: Values): Values {
  const wrong = PLAN_LIMITS.filter((name) => (values[name] ?? '').trim() !== '' && !isCount(values[name] ?? ''));
  const names = 'name' in values ? ['name', ...MUST_BE_GIVEN] : MUST_BE_GIVEN;
  return { ...required(values, names), ...Object.fromEntries(wrong.map((name) => [name, operatorText.errors.count])) };
}

function valuesOf(plan: Plan | undefined): Values {
  const given: Readonly<Record<string, unknown>> = plan ?? {};
  const defaults: Readonly<Record<string, unknown>> = planQuotas.parse({});
  const limits = PLAN_LIMITS.map((name) => {
    const value = given[name] ?? defaults[name];
    return [name, typeof value === 'number' ? String(value) : ''];
  });
  return Object.fromEntries(plan === undefined ? [['name', ''], ...limits] : limits) as Values;
}

function bodyOf(values: Values) {
  const count = (name: string): number => Number(values[name]);
  const orNone = (name: string): number | null => ((values[name] ?? '').trim() === '' ? null : count(name));
  return {
    requests_per_minute: count('requests_per_minute'),
    tokens_per_minute: orNone('tokens_per_minute'),
    concurrent_requests: orNone('concurrent_requests'),
    ...(Object.fromEntries(QUOTAS.map((name) => [name, count(name)])) as PlanQuotas),
  };
}

interface PlanDialogProps {
  /** Absent: a new one. */
  readonly plan?: Plan;
  readonly onClose: () => void;
}

export function PlanDialog({ plan, onClose }: PlanDialogProps) {
  const nameOf = (values: Values): string => plan?.name ?? (values['name'] ?? '').trim();
  return (
    <ChangeDialog
      title={plan === undefined ? t.create : t.changeTitle(plan.name)}
      body={t.body}
      action={plan === undefined ? t.create : t.change}
      fields={plan === undefined ? [NAME_FIELD, ...LIMIT_FIELDS] : LIMIT_FIELDS}
      initial={valuesOf(plan)}
      validate={validate}
      onConfirm={async (values) => {
        await take(adminApi.PUT('/admin/v1/plans/{name}', { params: { path: { name: nameOf(values) } }, body: bodyOf(values) }));
      }}
      onClose={onClose}
      audited={(values) => ({ method: 'PUT', path: `/admin/v1/plans/${encodeURIComponent(nameOf(values))}` })}
      changes={['plans']}
    />
  );
}

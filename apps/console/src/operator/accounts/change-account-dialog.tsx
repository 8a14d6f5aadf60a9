import { useQuery } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { operatorText } from '../../text/operator.js';
import { adminApi } from '../api.js';
import { ChangeDialog } from '../parts/change-dialog.js';
import { required } from '../parts/values.js';
import { type Account, planNamesQuery } from './queries.js';

const t = operatorText.accounts;

/** Name, plan and status; only what was changed is sent. */
export function ChangeAccountDialog({ account, onClose }: { readonly account: Account; readonly onClose: () => void }) {
  const plans = useQuery(planNamesQuery).data ?? [account.plan];
  const { id, name, plan, status } = account;
  return (
    <ChangeDialog
      title={t.changeTitle(name)}
      body={t.changeBody}
      action={t.change}
      fields={[
        { name: 'name', label: t.columns.name, isWide: true },
        { name: 'plan', label: t.columns.plan, kind: 'choice', options: plans.map((one) => ({ value: one, label: one })) },
        {
          name: 'status',
          label: t.columns.status,
          kind: 'choice',
          options: (['active', 'suspended'] as const).map((one) => ({ value: one, label: t.statuses[one] })),
        },
      ]}
      initial={{ name, plan, status }}
      validate={(values) => required(values, ['name'])}
      onConfirm={async (values) => {
        const nextName = (values['name'] ?? '').trim();
        await take(
          adminApi.PATCH('/admin/v1/accounts/{id}', {
            params: { path: { id } },
            body: {
              ...(nextName === name ? {} : { name: nextName }),
              ...(values['plan'] === undefined || values['plan'] === plan ? {} : { plan: values['plan'] }),
              ...(values['status'] === status ? {} : { status: values['status'] === 'active' ? 'active' : 'suspended' }),
            },
          }),
        );
      }}
      onClose={onClose}
      audited={() => ({ method: 'PATCH', path: `/admin/v1/accounts/${id}` })}
      changes={['accounts']}
    />
  );
}

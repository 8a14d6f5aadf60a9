import { useQuery } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { operatorText } from '../../text/operator.js';
import { adminApi } from '../api.js';
import { ChangeDialog } from '../parts/change-dialog.js';
import { required } from '../parts/values.js';
import { planNamesQuery } from './queries.js';

const t = operatorText.accounts;

export function CreateAccountDialog({ onClose }: { readonly onClose: () => void }) {
  const plans = useQuery(planNamesQuery).data ?? [];
  return (
    <ChangeDialog
      title={t.create}
      body={t.createBody}
      action={t.create}
      fields={[
        { name: 'name', label: t.columns.name, isWide: true },
        { name: 'owner_email', label: t.ownerEmail, note: t.ownerEmailNote },
        {
          name: 'plan',
          label: t.columns.plan,
          note: t.planNote,
          kind: 'choice',
          options: plans.map((plan) => ({ value: plan, label: plan })),
        },
      ]}
      validate={(values) => required(values, ['name'])}
      onConfirm={async ({ name = '', owner_email = '', plan = '' }, sendOnce) => {
        await take(
          adminApi.POST('/admin/v1/accounts', {
            params: { header: { 'Idempotency-Key': sendOnce } },
            body: {
              name: name.trim(),
              ...(owner_email.trim() === '' ? {} : { owner_email: owner_email.trim() }),
              ...(plan === '' ? {} : { plan }),
            },
          }),
        );
      }}
      onClose={onClose}
      audited={() => ({ method: 'POST', path: '/admin/v1/accounts' })}
      changes={['accounts']}
    />
  );
}

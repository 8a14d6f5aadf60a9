import { useState } from 'react';
import { take } from '../../api/client.js';
import { operatorText } from '../../text/operator.js';
import { adminApi } from '../api.js';
import { ChangeDialog } from '../parts/change-dialog.js';
import { OnceDialog } from '../parts/once-dialog.js';
import { required } from '../parts/values.js';
import type { Account } from './queries.js';

const t = operatorText.accounts;

/** An API key of an account; its text is shown once. */
export function CreateKeyDialog({ account, onClose }: { readonly account: Account; readonly onClose: () => void }) {
  const [key, setKey] = useState<string>();
  if (key !== undefined) {
    return <OnceDialog title={t.keyTitle(account.name)} body={t.keyOnce} value={key} copyLabel={t.copyKey} onClose={onClose} />;
  }
  return (
    <ChangeDialog
      title={t.keyTitle(account.name)}
      body={t.keyBody}
      action={t.createKey}
      fields={[
        { name: 'name', label: t.keyName },
        {
          name: 'scopes',
          label: t.scope,
          kind: 'choice',
          options: (['inference', 'management'] as const).map((value) => ({ value, label: t.scopes[value] })),
        },
      ]}
      initial={{ scopes: 'inference' }}
      validate={(values) => required(values, ['name'])}
      onConfirm={async ({ name = '', scopes }, sendOnce) => {
        const created = await take(
          adminApi.POST('/admin/v1/accounts/{id}/api-keys', {
            params: { path: { id: account.id }, header: { 'Idempotency-Key': sendOnce } },
            body: { name: name.trim(), scopes: [scopes === 'management' ? 'management' : 'inference'] },
          }),
        );
        setKey(created.key);
      }}
      onClose={() => undefined}
      onCancel={onClose}
      audited={() => ({ method: 'POST', path: `/admin/v1/accounts/${account.id}/api-keys` })}
      changes={['accounts']}
    />
  );
}

import { Checkbox } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import formStyles from '../../ui/form.module.css';
import type { ApiKey } from './queries.js';

export function RevokeDialog({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [withDescendants, setWithDescendants] = useState(false);
  const t = text.keys;
  return (
    <ConfirmDialog
      title={t.revokeTitle(apiKey.name)}
      body={
        <div className={formStyles.form}>
          <p>{t.revokeBody(apiKey.name)}</p>
          {apiKey.scopes.includes('management') && (
            <Checkbox
              label={t.withDescendants}
              checked={withDescendants}
              onChange={(event) => setWithDescendants(event.currentTarget.checked)}
            />
          )}
        </div>
      }
      action={t.revoke}
      danger
      onClose={onClose}
      onConfirm={async () => {
        await take(
          api.DELETE('/api/v1/api-keys/{id}', {
            params: { path: { id: apiKey.id }, query: { with_descendants: withDescendants } },
          }),
        );
        await queries.invalidateQueries({ queryKey: ['keys'] });
      }}
    />
  );
}

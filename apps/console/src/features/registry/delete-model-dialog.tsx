import { useQueryClient } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import type { Model } from './queries.js';

export function DeleteModelDialog({ model, onClose }: { readonly model: Model; readonly onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <ConfirmDialog
      title={text.registry.removeTitle(model.name)}
      body={text.registry.removeBody}
      action={text.registry.remove}
      danger
      onClose={onClose}
      onConfirm={async () => {
        await take(api.DELETE('/api/v1/models/{id}', { params: { path: { id: model.id } } }));
        await queries.invalidateQueries({ queryKey: ['models'] });
      }}
    />
  );
}

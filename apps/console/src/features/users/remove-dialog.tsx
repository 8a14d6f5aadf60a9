import { useQueryClient } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { useActiveAccount, useMe } from '../session/queries.js';
import type { Member } from './queries.js';

/** Removes another person, or leaves the account. */
export function RemoveDialog({ member, onClose }: { readonly member: Member; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const account = useActiveAccount()?.name ?? '';
  const isSelf = useMe().user?.id === member.user_id;
  const t = text.users;
  return (
    <ConfirmDialog
      title={isSelf ? t.leaveTitle(account) : t.removeTitle(member.email, account)}
      body={isSelf ? t.leaveBody : t.removeBody(member.email)}
      action={isSelf ? t.leave : t.remove}
      danger
      onClose={onClose}
      onConfirm={async () => {
        await take(api.DELETE('/api/v1/members/{user_id}', { params: { path: { user_id: member.user_id } } }));
        // After leaving, nothing of the account may stay in sight: the page starts anew with another of the person's accounts.
        if (isSelf) window.location.assign('/console');
        else await queries.invalidateQueries({ queryKey: ['users'] });
      }}
    />
  );
}

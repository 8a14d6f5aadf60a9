import { Button } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { durationText } from '../../format/duration.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { CopyButton } from '../../ui/copy-button.js';
import { type Column, DataTable } from '../../ui/data-table.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { Section } from '../../ui/section.js';
import { type Invite, invitesQuery, type Member } from './queries.js';
import styles from './users.module.css';

const DAY_MS = 86_400_000;

/** Links that still work; for owners. */
export function Invites({ members }: { readonly members: readonly Member[] }) {
  const { data: invites, error } = useQuery(invitesQuery);
  const [revoking, setRevoking] = useState<Invite>();
  const t = text.users;
  if (error !== null && invites === undefined) return <ProblemNotice problem={toProblem(error)} />;
  return (
    <Section title={t.invites} count={invites?.length} note={t.invitesNote}>
      {invites === undefined && <RowsLoading rows={2} />}
      {invites?.length === 0 && <p className={styles.empty}>{t.noInvites}</p>}
      {invites !== undefined && invites.length > 0 && <InvitesTable invites={invites} members={members} onRevoke={setRevoking} />}
      {revoking !== undefined && <RevokeInvite invite={revoking} onClose={() => setRevoking(undefined)} />}
    </Section>
  );
}

interface InvitesTableProps {
  readonly invites: readonly Invite[];
  readonly members: readonly Member[];
  readonly onRevoke: (invite: Invite) => void;
}

function InvitesTable({ invites, members, onRevoke }: InvitesTableProps) {
  const { inviteColumns: columns, ...t } = text.users;
  const nameOf = (userId: string): string => {
    const member = members.find(({ user_id }) => user_id === userId);
    return member?.name ?? member?.email ?? userId;
  };
  const shown: Column<Invite>[] = [
    {
      header: columns.link,
      kind: 'lead',
      cell: ({ url }) => (
        <span className={styles.link}>
          <IconLink size={15} stroke={1.7} aria-hidden="true" />
          <span className={`mono ${styles.url ?? ''}`}>{url.replace(/^https?:\/\//, '')}</span>
          <CopyButton value={url} label={t.copyLink} />
        </span>
      ),
    },
    { header: columns.role, cell: ({ role }) => t.roles[role] },
    { header: columns.by, cell: ({ created_by: by }) => nameOf(by) },
    { header: columns.expires, cell: ({ expires_at: at }) => <Expires at={at} /> },
    {
      header: columns.actions,
      kind: 'menu',
      cell: (invite) => (
        <Button variant="subtle" size="xs" onClick={() => onRevoke(invite)}>
          {t.revoke}
        </Button>
      ),
    },
  ];
  return <DataTable columns={shown} rows={invites} />;
}

function Expires({ at }: { readonly at: string }) {
  const left = Date.parse(at) - Date.now();
  return <span className={left < DAY_MS ? styles.soon : undefined}>{text.users.expiresIn(durationText(left))}</span>;
}

function RevokeInvite({ invite, onClose }: { readonly invite: Invite; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const t = text.users;
  return (
    <ConfirmDialog
      title={t.revokeTitle}
      body={t.revokeBody}
      action={t.revoke}
      danger
      onClose={onClose}
      onConfirm={async () => {
        await take(api.DELETE('/api/v1/invites/{id}', { params: { path: { id: invite.id } } }));
        await queries.invalidateQueries({ queryKey: ['users', 'invites'] });
      }}
    />
  );
}

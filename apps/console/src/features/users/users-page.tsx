import { IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Notice } from '../../ui/notice.js';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { ReasonedButton } from '../../ui/reasoned-button.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { useTitle } from '../../ui/use-title.js';
import { InviteDialog } from './invite-dialog.js';
import { Invites } from './invites.js';
import { People } from './people.js';
import { type Member, membersQuery, useOwnersOnly } from './queries.js';
import { RemoveDialog } from './remove-dialog.js';

export function UsersPage({ inviting }: { readonly inviting: boolean }) {
  const navigate = useNavigate({ from: '/users' });
  const { data: members, error } = useQuery(membersQuery);
  const [removing, setRemoving] = useState<Member>();
  const t = text.users;
  const reason = useOwnersOnly(t.ownersOnly);
  useTitle(t.title);
  return (
    <>
      <PageHeader
        title={t.title}
        note={members?.length}
        actions={
          <ReasonedButton
            leftSection={<IconUserPlus size={16} stroke={1.8} aria-hidden="true" />}
            onClick={() => void navigate({ search: { invite: 'new' } })}
            reason={reason}
          >
            {t.invite}
          </ReasonedButton>
        }
      />
      <div className={page.content}>
        {reason !== undefined && <Notice kind="info" title={reason} />}
        {members === undefined && error === null && <RowsLoading rows={4} />}
        {members === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
        {members !== undefined && <People members={members} onRemove={setRemoving} />}
        {reason === undefined && <Invites members={members ?? []} />}
      </div>
      {inviting && reason === undefined && <InviteDialog onClose={() => void navigate({ search: {} })} />}
      {removing !== undefined && <RemoveDialog member={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

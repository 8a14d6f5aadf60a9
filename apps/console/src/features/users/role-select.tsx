import { Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { meQuery, type Role } from '../session/queries.js';
import type { Member } from './queries.js';
import styles from './users.module.css';

interface RoleSelectProps {
  readonly member: Member;
  readonly isSelf: boolean;
  /** Why it cannot be changed. */
  readonly reason: string | undefined;
}

const ROLES: readonly Role[] = ['owner', 'member'];

/** Changes a role at once; one's own only after a question. */
export function RoleSelect({ member, isSelf, reason }: RoleSelectProps) {
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem>();
  const [asked, setAsked] = useState<Role>();
  const [busy, setBusy] = useState(false);
  const t = text.users;
  const change = async (role: Role): Promise<void> => {
    await take(api.PATCH('/api/v1/members/{user_id}', { params: { path: { user_id: member.user_id } }, body: { role } }));
    await queries.invalidateQueries({ queryKey: ['users'] });
    if (isSelf) await queries.invalidateQueries({ queryKey: meQuery.queryKey });
  };
  const choose = async (role: Role): Promise<void> => {
    if (role === member.role) return;
    if (isSelf) {
      setAsked(role);
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      await change(role);
    } catch (thrown) {
      setProblem(toProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Select
        className={styles.role}
        aria-label={t.roleOf(member.email)}
        aria-disabled={reason === undefined ? undefined : 'true'}
        data={ROLES.map((value) => ({ value, label: t.roles[value] }))}
        value={member.role}
        readOnly={reason !== undefined}
        disabled={busy}
        allowDeselect={false}
        onChange={(value) => void choose(value === 'owner' ? 'owner' : 'member')}
        error={problem?.message}
      />
      {reason !== undefined && <span className={styles.reason}>{reason}</span>}
      {asked !== undefined && (
        <ConfirmDialog
          title={t.ownRoleTitle}
          body={t.ownRoleBody}
          action={t.ownRole}
          danger
          onClose={() => setAsked(undefined)}
          onConfirm={async () => change(asked)}
        />
      )}
    </>
  );
}

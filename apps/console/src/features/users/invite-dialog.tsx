import { Button, Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, idempotencyKey, take } from '../../api/client.js';
import { type Problem, toProblem } from '../../api/problem.js';
import { dateTimeText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { CopyField } from '../../ui/copy-field.js';
import { Dialog } from '../../ui/dialog.js';
import styles from '../../ui/form.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { type Role, useZone } from '../session/queries.js';
import type { Invite } from './queries.js';

const ROLES: readonly Role[] = ['member', 'owner'];

/** Makes an invite of a role, then shows its link. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const zone = useZone();
  const [role, setRole] = useState<Role>('member');
  const [invite, setInvite] = useState<Invite>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const t = text.users;
  const create = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const headers = { 'idempotency-key': idempotencyKey() };
      setInvite(await take(api.POST('/api/v1/invites', { body: { role }, headers })));
      void queries.invalidateQueries({ queryKey: ['users', 'invites'] });
    } catch (thrown) {
      setProblem(toProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={invite === undefined ? t.inviteTitle : t.linkTitle} size={520}>
      {invite === undefined ? (
        <div className={styles.form}>
          <Select
            label={t.inviteRole}
            description={t.inviteRoleNote[role]}
            data={ROLES.map((value) => ({ value, label: t.roles[value] }))}
            value={role}
            onChange={(value) => setRole(value === 'owner' ? 'owner' : 'member')}
            allowDeselect={false}
            data-autofocus
          />
          {problem !== undefined && <ProblemNotice problem={problem} />}
          <div className={styles.actions}>
            <Button variant="default" onClick={onClose}>
              {text.ui.cancel}
            </Button>
            <Button loading={busy} onClick={() => void create()}>
              {t.createLink}
            </Button>
          </div>
        </div>
      ) : (
        <div className={styles.form}>
          <p>{t.linkBody}</p>
          <CopyField value={invite.url} label={t.copyLink} />
          <p className={styles.note}>{t.linkUntil(dateTimeText(invite.expires_at, zone))}</p>
          <div className={styles.actions}>
            <Button onClick={onClose}>{text.ui.done}</Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

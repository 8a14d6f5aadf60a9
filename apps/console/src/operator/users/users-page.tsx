import { useState } from 'react';
import { take } from '../../api/client.js';
import { dateText, dateTimeText } from '../../format/time.js';
import { operatorText } from '../../text/operator.js';
import table from '../../ui/table.module.css';
import { useFilters } from '../address.js';
import { adminApi, type Schemas } from '../api.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { ChangeDialog } from '../parts/change-dialog.js';
import { DeleteDialog } from '../parts/delete-dialog.js';
import { FindForm } from '../parts/find-form.js';
import { OnceDialog } from '../parts/once-dialog.js';
import { OperatorPage } from '../parts/operator-page.js';
import { RowMenu } from '../parts/row-menu.js';
import { useAdminList } from '../parts/use-admin-list.js';

type User = Schemas['AdminUser'];
const t = operatorText.users;

const COLUMNS: readonly Column<User>[] = [
  {
    label: t.columns.email,
    cell: ({ email, name }) => (
      <>
        {email}
        {name !== null && <span className={table.sub}>{name}</span>}
      </>
    ),
  },
  {
    label: t.columns.accounts,
    cell: ({ accounts }) => accounts.map(({ name, role }) => `${name} (${t.roles[role]})`).join(', ') || operatorText.none,
  },
  {
    label: t.columns.signIn,
    cell: ({ has_password, totp_enabled }) => t.signIn(has_password, totp_enabled),
  },
  { label: t.columns.seen, cell: ({ last_seen_at }) => (last_seen_at === null ? operatorText.none : dateTimeText(last_seen_at)) },
  { label: t.columns.created, cell: ({ created_at }) => dateText(created_at) },
];

export function UsersPage() {
  const [{ email = '' }] = useFilters();
  const list = useAdminList(['users', email], (at) =>
    take(adminApi.GET('/admin/v1/users', { params: { query: { ...at, ...(email === '' ? {} : { email }) } } })),
  );
  const [asked, setAsked] = useState<{ readonly what: 'reset' | 'delete'; readonly user: User }>();
  const close = (): void => setAsked(undefined);
  return (
    <OperatorPage title={operatorText.pages.users}>
      <FindForm fields={[{ name: 'email', label: t.find }]} />
      <AdminTable
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty={t.empty}
        actions={(user) => (
          <RowMenu
            name={user.email}
            items={[
              { label: t.reset, onClick: () => setAsked({ what: 'reset', user }) },
              { label: t.delete, onClick: () => setAsked({ what: 'delete', user }) },
            ]}
          />
        )}
      />
      {asked?.what === 'reset' && <ResetDialog user={asked.user} onClose={close} />}
      {asked?.what === 'delete' && <DeleteUserDialog user={asked.user} onClose={close} />}
    </OperatorPage>
  );
}

function ResetDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const [link, setLink] = useState<{ readonly url: string; readonly expires_at: string }>();
  if (link !== undefined) {
    return (
      <OnceDialog
        title={t.resetTitle(user.email)}
        body={t.resetOnce(dateTimeText(link.expires_at))}
        value={link.url}
        copyLabel={t.copyLink}
        onClose={onClose}
      />
    );
  }
  return (
    <ChangeDialog
      title={t.resetTitle(user.email)}
      body={t.resetBody}
      action={t.reset}
      onConfirm={async (_values, sendOnce) => {
        const params = { path: { id: user.id }, header: { 'Idempotency-Key': sendOnce } };
        setLink(await take(adminApi.POST('/admin/v1/users/{id}/reset-link', { params })));
      }}
      onClose={() => undefined}
      onCancel={onClose}
      audited={() => ({ method: 'POST', path: `/admin/v1/users/${user.id}/reset-link` })}
      changes={['users']}
    />
  );
}

function DeleteUserDialog({ user: { id, email }, onClose }: { readonly user: User; readonly onClose: () => void }) {
  return (
    <DeleteDialog
      title={t.deleteTitle(email)}
      body={t.deleteBody}
      action={t.delete}
      name={email}
      onConfirm={async () => {
        await take(adminApi.DELETE('/admin/v1/users/{id}', { params: { path: { id } } }));
      }}
      onClose={onClose}
      path={`/admin/v1/users/${id}`}
      changes={['users']}
    />
  );
}

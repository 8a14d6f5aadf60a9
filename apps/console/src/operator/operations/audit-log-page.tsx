import { take } from '../../api/client.js';
import { dateTimeText } from '../../format/time.js';
import { operatorText } from '../../text/operator.js';
import { useFilters } from '../address.js';
import { adminApi, type Schemas } from '../api.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { FindForm } from '../parts/find-form.js';
import { OperatorPage } from '../parts/operator-page.js';
import { useAdminList } from '../parts/use-admin-list.js';
import styles from './operations.module.css';

type Entry = Schemas['AuditLog']['data'][number];
const t = operatorText.auditLog;

const COLUMNS: readonly Column<Entry>[] = [
  { label: t.columns.at, cell: ({ at }) => dateTimeText(at) },
  { label: t.columns.admin, cell: ({ admin_name }) => admin_name },
  {
    label: t.columns.call,
    cell: ({ method, path }) => (
      <span className={`${styles.call ?? ''} mono`}>
        {method} {path}
      </span>
    ),
  },
  { label: t.columns.service, cell: ({ service }) => service },
  { label: t.columns.status, right: true, cell: ({ status }) => status ?? t.unfinished },
];

/** Every call of an operator, reading ones too. */
export function AuditLogPage() {
  const [{ admin_name = '' }] = useFilters();
  const list = useAdminList(['audit-log', admin_name], (at) =>
    take(adminApi.GET('/admin/v1/audit-log', { params: { query: { ...at, ...(admin_name === '' ? {} : { admin_name }) } } })),
  );
  return (
    <OperatorPage title={operatorText.pages.auditLog}>
      <FindForm fields={[{ name: 'admin_name', label: t.find }]} />
      <AdminTable list={list} columns={COLUMNS} keyOf={({ id }) => id} empty={t.empty} />
    </OperatorPage>
  );
}

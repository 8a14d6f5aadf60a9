import { notifications } from '@mantine/notifications';
import { take } from '../../api/client.js';
import { dateTimeText } from '../../format/time.js';
import { operatorText as t } from '../../text/operator.js';
import { adminApi } from '../api.js';

const LATEST = 20;

/** Shows the line that the audit log has for a change just made; says so when it cannot be found. */
export async function showAuditEntry({ method, path }: { readonly method: string; readonly path: string }): Promise<void> {
  const entries = await take(adminApi.GET('/admin/v1/audit-log', { params: { query: { limit: LATEST } } })).catch(
    () => undefined,
  );
  const entry = entries?.data.find((one) => one.method === method && one.path.split('?')[0] === path);
  notifications.show({
    title: t.done,
    message:
      entry === undefined
        ? t.noAuditEntry
        : t.auditEntry(entry.admin_name, `${entry.method} ${entry.path}`, dateTimeText(entry.at)),
  });
}

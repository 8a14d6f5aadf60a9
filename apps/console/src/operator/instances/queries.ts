import { take } from '../../api/client.js';
import { adminApi, type Schemas } from '../api.js';
import type { AdminList } from '../parts/admin-table.js';
import { useAdminList } from '../parts/use-admin-list.js';

export type AdminInstance = Schemas['InstanceOfAccount'];

/** Empty: of all accounts. */
export function useInstances(accountId: string): AdminList<AdminInstance> {
  return useAdminList(['instances', accountId], (page) => {
    const query = { ...page, ...(accountId === '' ? {} : { account_id: accountId }) };
    return take(adminApi.GET('/admin/v1/instances', { params: { query } }));
  });
}

const LIMIT = 100;
const PAGES_MAX = 20;

export interface InstancesSeen {
  readonly instances: readonly AdminInstance[];
  /** False: there are more than were read. */
  readonly isAll: boolean;
}

/** Instances that are not terminated, of all accounts; reads at most 2,000. */
export async function instancesInUse(): Promise<InstancesSeen> {
  const found: AdminInstance[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const query = { limit: LIMIT, ...(after === undefined ? {} : { after }) };
    const page = await take(adminApi.GET('/admin/v1/instances', { params: { query } }));
    found.push(...page.data.filter(({ desired_state }) => desired_state !== 'terminated'));
    if (!page.has_more || page.last_id === null) return { instances: found, isAll: true };
    after = String(page.last_id);
  }
  return { instances: found, isAll: false };
}

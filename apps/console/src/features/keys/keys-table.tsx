import { useQuery } from '@tanstack/react-query';
import { durationTextShort } from '../../format/duration.js';
import { dateText, dateTimeText } from '../../format/time.js';
import { text } from '../../text/index.js';
import formStyles from '../../ui/form.module.css';
import { RowMenu } from '../../ui/row-menu.js';
import table from '../../ui/table.module.css';
import { type Budget, budgetsQuery } from '../billing/queries.js';
import { useZone } from '../session/queries.js';
import { KeyBudget } from './key-budget.js';
import { LIMITS } from './key-form.js';
import type { ApiKey } from './queries.js';

export type KeyAction = 'edit' | 'rotate' | 'revoke';

interface KeysTableProps {
  readonly keys: readonly ApiKey[];
  /** Only owners change keys. */
  readonly editable: boolean;
  readonly onAction: (action: KeyAction, key: ApiKey) => void;
}

const COLUMNS = ['name', 'key', 'tag', 'scope', 'budget', 'lastUsed', 'created', 'expires'] as const;

export function KeysTable({ keys, editable, onAction }: KeysTableProps) {
  const { columns } = text.keys;
  const { data: budgets = [] } = useQuery(budgetsQuery);
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">
                {columns[column]}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">{columns.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow
              key={key.id}
              apiKey={key}
              budgets={budgets.filter(({ scope }) => scope.kind === 'key' && scope.id === key.id)}
              editable={editable}
              onAction={onAction}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface KeyRowProps {
  readonly apiKey: ApiKey;
  readonly budgets: readonly Budget[];
  readonly editable: boolean;
  readonly onAction: KeysTableProps['onAction'];
}

function KeyRow({ apiKey, budgets, editable, onAction }: KeyRowProps) {
  const { columns, ...t } = text.keys;
  const zone = useZone();
  const limits = LIMITS.filter((limit) => apiKey.allow?.[limit] !== undefined).map((limit) => t.limitShort[limit]);
  const earlier = apiKey.earlier_secrets_serve_until;
  return (
    <tr className={apiKey.status === 'active' ? undefined : table.quiet}>
      <td className={table.whole}>
        {apiKey.name}
        {limits.length > 0 && <span className={table.sub}>{t.limitedBy(limits.join(', '))}</span>}
      </td>
      <td data-l={columns.key}>
        <span className="mono">{apiKey.prefix}…</span>
      </td>
      <td data-l={columns.tag}>
        {apiKey.source_tag === null ? text.ui.none : <span className={formStyles.tag}>{apiKey.source_tag}</span>}
      </td>
      <td data-l={columns.scope}>
        {apiKey.scopes.map((scope) => t.scope[scope]).join(', ')}
        {apiKey.status !== 'active' && <span className={table.sub}>{t.status[apiKey.status]}</span>}
        {earlier !== null && <span className={table.sub}>{t.earlierUntil(dateTimeText(earlier, zone))}</span>}
      </td>
      <td data-l={columns.budget}>
        <KeyBudget budgets={budgets} />
      </td>
      <td data-l={columns.lastUsed}>{apiKey.last_used_at === null ? t.never : ago(apiKey.last_used_at)}</td>
      <td data-l={columns.created}>{dateText(apiKey.created_at, zone)}</td>
      <td data-l={columns.expires}>{apiKey.expires_at === null ? t.never : dateText(apiKey.expires_at, zone)}</td>
      <td className={`${table.right ?? ''} ${table.menu ?? ''}`}>
        {editable && apiKey.status !== 'revoked' && <KeyMenu apiKey={apiKey} onAction={onAction} />}
      </td>
    </tr>
  );
}

function ago(at: string): string {
  return text.keys.ago(durationTextShort(Date.now() - Date.parse(at)));
}

function KeyMenu({ apiKey, onAction }: { readonly apiKey: ApiKey; readonly onAction: KeysTableProps['onAction'] }) {
  const t = text.keys;
  const actions: KeyAction[] = apiKey.status === 'active' ? ['edit', 'rotate', 'revoke'] : ['edit', 'revoke'];
  return (
    <RowMenu
      label={t.menu(apiKey.name)}
      actions={actions.map((action) => ({ label: t[action], onClick: () => onAction(action, apiKey) }))}
    />
  );
}

import { take } from '../../api/client.js';
import { moneyText, nanoUsd } from '../../format/money.js';
import { operatorText } from '../../text/operator.js';
import { adminApi } from '../api.js';
import { ChangeDialog, type Values } from '../parts/change-dialog.js';
import { parseSignedDollars, required } from '../parts/values.js';
import type { Account } from './queries.js';

const t = operatorText.accounts;
const TYPES = ['admin_correction', 'contract_grant', 'bonus_grant'] as const;

function validate(values: Values): Values {
  const amount = parseSignedDollars(values['amount_nano_usd'] ?? '');
  const wrongAmount = amount === undefined || amount === 0n ? { amount_nano_usd: operatorText.errors.amount } : {};
  return { ...required(values, ['reason']), ...wrongAmount };
}

/** Money on or off an account's balance, with the reason that its statement shows. */
export function CreditDialog({ account, onClose }: { readonly account: Account; readonly onClose: () => void }) {
  return (
    <ChangeDialog
      title={t.creditTitle(account.name)}
      body={t.creditBody(moneyText(nanoUsd(account.balance_nano_usd)))}
      action={t.credit}
      fields={[
        { name: 'amount_nano_usd', label: t.amount, note: t.amountNote, kind: 'dollars' },
        {
          name: 'type',
          label: t.type,
          note: t.typeNote,
          kind: 'choice',
          options: TYPES.map((value) => ({ value, label: t.types[value] })),
        },
        { name: 'reason', label: operatorText.reason, note: t.reasonNote, kind: 'long' },
      ]}
      initial={{ type: 'admin_correction' }}
      validate={validate}
      onConfirm={async (values, sendOnce) => {
        await take(
          adminApi.POST('/admin/v1/accounts/{id}/credits', {
            params: { path: { id: account.id }, header: { 'Idempotency-Key': sendOnce } },
            body: {
              amount_nano_usd: String(parseSignedDollars(values['amount_nano_usd'] ?? '') ?? 0n),
              type: TYPES.find((type) => type === values['type']) ?? 'admin_correction',
              reason: (values['reason'] ?? '').trim(),
            },
          }),
        );
      }}
      onClose={onClose}
      audited={() => ({ method: 'POST', path: `/admin/v1/accounts/${account.id}/credits` })}
      changes={['accounts', 'ledger']}
    />
  );
}

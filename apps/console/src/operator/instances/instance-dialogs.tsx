import { take } from '../../api/client.js';
import { moneyText, nanoUsd } from '../../format/money.js';
import { operatorText } from '../../text/operator.js';
import { adminApi } from '../api.js';
import { ChangeDialog } from '../parts/change-dialog.js';
import { PRICE_FIELDS, priceErrors, pricesOf, priceValues } from '../parts/prices.js';
import { required } from '../parts/values.js';
import type { AdminInstance } from './queries.js';

const t = operatorText.instances;

interface InstanceDialogProps {
  readonly instance: AdminInstance;
  readonly onClose: () => void;
}

/** Prices of calls to an instance. */
export function InstancePricesDialog({ instance: { id, model, prices }, onClose }: InstanceDialogProps) {
  return (
    <ChangeDialog
      title={t.pricesTitle(model)}
      body={operatorText.prices.body}
      action={t.setPrices}
      fields={PRICE_FIELDS}
      initial={priceValues(prices)}
      validate={priceErrors}
      onConfirm={async (values) => {
        await take(
          adminApi.PATCH('/admin/v1/instances/{id}', {
            params: { path: { id: String(id) } },
            body: { prices: pricesOf(values) },
          }),
        );
      }}
      onClose={onClose}
      audited={() => ({ method: 'PATCH', path: `/admin/v1/instances/${id}` })}
      changes={['instances']}
    />
  );
}

/** Ends an instance for good; the account reads the reason. */
export function TerminateDialog({ instance: { id, model, hold_nano_usd }, onClose }: InstanceDialogProps) {
  return (
    <ChangeDialog
      title={t.terminateTitle(model)}
      body={t.terminateBody(moneyText(nanoUsd(hold_nano_usd)))}
      action={t.terminate}
      danger
      fields={[{ name: 'reason', label: operatorText.reason, note: t.reasonNote, kind: 'long' }]}
      validate={(values) => required(values, ['reason'])}
      onConfirm={async ({ reason = '' }, sendOnce) => {
        await take(
          adminApi.POST('/admin/v1/instances/{id}/terminate', {
            params: { path: { id: String(id) }, header: { 'Idempotency-Key': sendOnce } },
            body: { reason: reason.trim() },
          }),
        );
      }}
      onClose={onClose}
      audited={() => ({ method: 'POST', path: `/admin/v1/instances/${id}/terminate` })}
      changes={['instances']}
    />
  );
}

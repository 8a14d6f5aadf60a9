import { take } from '../../api/client.js';
import { operatorText } from '../../text/operator.js';
import { adminApi } from '../api.js';
import { ChangeDialog } from '../parts/change-dialog.js';
import { PRICE_FIELDS, priceErrors, pricesOf, priceValues } from '../parts/prices.js';
import { type PlatformModel, unchangedBody } from './platform-model-dialog.js';

const t = operatorText.platformModels;

interface PlatformPricesDialogProps {
  readonly model: PlatformModel;
  readonly onClose: () => void;
}

/** Prices of calls to a platform model, for all accounts. */
export function PlatformPricesDialog({ model, onClose }: PlatformPricesDialogProps) {
  return (
    <ChangeDialog
      title={t.pricesTitle(model.id)}
      body={operatorText.prices.body}
      action={t.setPrices}
      fields={PRICE_FIELDS}
      initial={priceValues(model.prices)}
      validate={priceErrors}
      onConfirm={async (values) => {
        await take(
          adminApi.PUT('/admin/v1/platform-models/{id}', {
            params: { path: { id: model.id } },
            body: { ...unchangedBody(model), prices: pricesOf(values) },
          }),
        );
      }}
      onClose={onClose}
      audited={() => ({ method: 'PUT', path: `/admin/v1/platform-models/${encodeURIComponent(model.id)}` })}
      changes={['platform-models']}
    />
  );
}

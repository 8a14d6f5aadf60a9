import { TRANSACTION_TYPES, type TransactionType } from '@ecolink/contracts';

export interface LedgerFilter {
  readonly account_id?: string;
  readonly type?: TransactionType;
  /** A date stands for its first moment in UTC. */
  readonly from?: string;
  readonly to?: string;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The filter of an address; what is no filter is left out. */
export function ledgerQueryOf(filters: Readonly<Record<string, string>>): LedgerFilter {
  const { account_id = '', type = '', from = '', to = '' } = filters;
  const known = TRANSACTION_TYPES.find((one) => one === type);
  return {
    ...(account_id === '' ? {} : { account_id }),
    ...(known === undefined ? {} : { type: known }),
    ...(DATE.test(from) ? { from } : {}),
    ...(DATE.test(to) ? { to } : {}),
  };
}

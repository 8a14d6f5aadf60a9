/** The billing contracts, and the state of accounts, which tells balances whose events are past their retention; their schemas are published with the product, in `docs/contracts/events/`. */
export const LEDGER_POSTED = 'ecolink.ledger.posted.v1';
export const USAGE_RECORDED = 'ecolink.usage.recorded.v1';
export const ACCOUNT_CHANGED = 'ecolink.account.changed.v1';
export const BILLING_TOPICS = [LEDGER_POSTED, USAGE_RECORDED, ACCOUNT_CHANGED];

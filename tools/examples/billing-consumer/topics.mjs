/** The two billing contracts; their schemas are published with the product, in `docs/contracts/events/`. */
export const LEDGER_POSTED = 'ecolink.ledger.posted.v1';
export const USAGE_RECORDED = 'ecolink.usage.recorded.v1';
export const BILLING_TOPICS = [LEDGER_POSTED, USAGE_RECORDED];

export { readSettings, SETTING_NAMES } from './config.js';
export type { Clock, Settings } from './injection.js';
export { verifyLedger } from './ledger/verify-ledger.js';
export { type AuthBillingOptions, SETTINGS_DEFAULT, startAuthBilling } from './start-auth-billing.js';

/** `source` of every event that this service publishes, and of the ledger transactions it starts by itself. */
export const EVENT_SOURCE = 'auth-billing';

/** Consumer group of the usage events, and name of its dead letters. */
export const CONSUMER_GROUP = 'auth-billing';

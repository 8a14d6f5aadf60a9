/** The plan of accounts that are made without one. */
export const PLAN_DEFAULT = 'pay-as-you-go';

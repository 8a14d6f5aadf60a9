/** Words of what operators see of the present: figures as they are, and books computed anew. */
export const overview = {
  calls: 'Calls',
  refused: (rate: string) => `${rate} /s refused`,
  errors: 'Errors',
  errorsNote: 'failed, cut or 5xx',
  ttft: 'Time to first token, p50',
  lag: 'Billing behind calls, p50',
  lagMax: (max: string) => `at most ${max}`,
  ledger: 'Problems of the ledger',
  fine: 'none',
  notVerified: 'not verified yet',
  verified: (at: string) => `verified at ${at} UTC`,
  routers: 'Routers',
  asOf: (at: string) => `as of ${at} UTC; the ages of what they know`,
  columns: { router: 'Router', seen: 'Heard of', ages: 'Age of state' },
  ago: (age: string) => `${age} ago`,
  regions: 'Healthy regions',
  healthy: (healthy: number, active: number) => `${healthy} of ${active}`,
  inactive: (count: number) => (count === 0 ? 'all regions are active' : `${count} more draining or disabled`),
  waiting: (count: number, isAll: boolean) => (isAll ? String(count) : `${count} of the newest 100`),
  open: 'Open',
};

export const reconcile = {
  body: 'Computes balances, holds, costs of calls, usage and budgets anew from their entries, and lists what differs. Nothing is changed.',
  accountNote: 'Empty: every account',
  run: 'Reconcile',
  missing: 'This server does not reconcile on request',
  balanced: 'Everything agrees.',
  checked: (accounts: string, transactions: string, calls: string, took: string) =>
    `${accounts} accounts, ${transactions} transactions and ${calls} calls were checked in ${took}.`,
  differs: (count: number) => (count === 1 ? 'One thing differs' : `${count} things differ`),
  truncated: 'There are more.',
  columns: { what: 'What differs', account: 'Account', subject: 'Of', expected: 'Computed', actual: 'Stored' },
};

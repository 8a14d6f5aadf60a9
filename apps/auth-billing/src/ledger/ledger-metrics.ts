import { Counter, Gauge, register } from 'prom-client';

/** What is alarmed on: a ledger that does not hold, and a verifier that does not get on. One of each in a process. */
export const ledgerMetrics = {
  problems: (): Gauge =>
    known('ecolink_ledger_problems', Gauge) ??
    new Gauge({
      name: 'ecolink_ledger_problems',
      help: 'Transactions and balances that the verifier found not to hold; must be 0',
    }),
  verifiedAt: (): Gauge =>
    known('ecolink_ledger_verified_timestamp_seconds', Gauge) ??
    new Gauge({
      name: 'ecolink_ledger_verified_timestamp_seconds',
      help: 'When the verifier was last through with every transaction and balance',
    }),
  checked: (): Counter =>
    known('ecolink_ledger_checked_total', Counter) ??
    new Counter({ name: 'ecolink_ledger_checked_total', help: 'Transactions and balances that the verifier has looked at' }),
};

function known<Metric>(name: string, kind: abstract new (...parts: never[]) => Metric): Metric | undefined {
  const metric = register.getSingleMetric(name);
  return metric instanceof kind ? metric : undefined;
}

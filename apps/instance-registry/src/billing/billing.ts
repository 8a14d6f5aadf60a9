import {
  type GpuPrices,
  type HoldQuote,
  holdQuote,
  type HoldView,
  holdView,
  type InstanceMetrics,
  instanceMetrics,
  type PricesDto,
  type PutHold,
} from '@ecolink/contracts';
import type { InternalClient, OperatorChange } from '@ecolink/service-kit';

export interface AuditEntry {
  readonly adminName: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly requestId: string;
  readonly change: OperatorChange | undefined;
}

/** What this service asks of auth-billing, which owns all money. */
export class Billing {
  constructor(private readonly client: InternalClient) {}

  /** What so many GPUs would hold, at which rate, and whether the account could pay it now; takes nothing. */
  async quoteHold(capacity: PutHold): Promise<HoldQuote> {
    return holdQuote.parse(await this.client.post('/internal/holds/quote', capacity));
  }

  /** Takes the hold of an instance's run, once however often it is asked. Throws `insufficient_balance` when short. */
  async takeHold(instanceId: number, run: number, capacity: PutHold): Promise<HoldView> {
    return holdView.parse(await this.client.put(`/internal/holds/${instanceId}/${run}`, capacity));
  }

  /** Gives the hold of a run back that did not begin. */
  async dropHold(instanceId: number, run: number): Promise<void> {
    await this.client.delete(`/internal/holds/${instanceId}/${run}`);
  }

  /** What the request log knows of an account's instance. */
  async metrics(ask: Readonly<Record<string, string | number | undefined>>): Promise<InstanceMetrics> {
    return instanceMetrics.parse(await this.client.get('/internal/instance-metrics', ask));
  }

  async putPrices(target: string, prices: PricesDto | GpuPrices): Promise<void> {
    await this.client.put(`/internal/prices/${encodeURIComponent(target)}`, { prices });
  }

  async audit(entry: AuditEntry): Promise<void> {
    await this.client.post('/internal/audit-log', {
      admin_name: entry.adminName,
      service: 'instance-registry',
      method: entry.method,
      path: entry.path,
      status: entry.status,
      target: entry.change?.target ?? null,
      before: entry.change?.before ?? null,
      after: entry.change?.after ?? null,
      request_id: entry.requestId,
    });
  }
}

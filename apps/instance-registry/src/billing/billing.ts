import { affordResponse, type PricesDto } from '@ecolink/contracts';
import type { InternalClient } from '@ecolink/service-kit';

export interface AuditEntry {
  readonly adminName: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What this service asks of auth-billing, which owns all money. */
export class Billing {
  constructor(private readonly client: InternalClient) {}

  /** Whether the account could pay this much now; takes nothing. */
  async canAfford(accountId: string, amountNanoUsd: bigint): Promise<boolean> {
    const answer = await this.client.post('/internal/afford', {
      account_id: accountId,
      amount_nano_usd: amountNanoUsd.toString(),
    });
    return affordResponse.parse(answer).affordable;
  }

  async putPrices(target: string, prices: PricesDto): Promise<void> {
    await this.client.put(`/internal/prices/${encodeURIComponent(target)}`, { prices });
  }

  async audit(entry: AuditEntry): Promise<void> {
    await this.client.post('/internal/audit-log', {
      admin_name: entry.adminName,
      service: 'instance-registry',
      method: entry.method,
      path: entry.path,
      status: entry.status,
    });
  }
}

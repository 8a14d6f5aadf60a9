import { desiredState, type InstanceEventView, instanceState } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import type { PageRequest } from '../lists/page.js';

@Injectable()
export class InstanceEventsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** An unknown cursor gives an empty page. */
  async list(instanceId: number, request: PageRequest): Promise<readonly InstanceEventView[]> {
    const where = { instanceId: BigInt(instanceId) };
    const { cursor, direction } = request;
    const at =
      cursor === undefined ? undefined : await this.database.client.instanceEvent.findFirst({ where: { ...where, id: cursor } });
    if (at === null) return [];
    const rows = await this.database.client.instanceEvent.findMany({
      where: {
        ...where,
        ...(at === undefined ? {} : { position: direction === 'older' ? { lt: at.position } : { gt: at.position } }),
      },
      orderBy: { position: direction === 'older' ? 'desc' : 'asc' },
      take: request.take,
    });
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      from_state: row.fromState === null ? null : instanceState.parse(row.fromState),
      to_state: instanceState.parse(row.toState),
      desired_state: desiredState.parse(row.desiredState),
      degraded: row.degraded,
      reason: row.reason,
      occurred_at: row.occurredAt.toISOString(),
    }));
  }
}

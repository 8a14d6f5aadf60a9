import { desiredState, type InstanceEventView, instanceState, type ListQuery } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { cursorOf, pageFrom } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';

@Injectable()
export class InstanceEventsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** An unknown cursor gives an empty page. */
  async list(instanceId: number, query: ListQuery): Promise<readonly InstanceEventView[]> {
    const where = { instanceId: BigInt(instanceId) };
    const cursor = cursorOf(query);
    const at =
      cursor === undefined ? undefined : await this.database.client.instanceEvent.findFirst({ where: { ...where, id: cursor } });
    if (at === null) return [];
    const { edge, order, take } = pageFrom(query, at?.position);
    const rows = await this.database.client.instanceEvent.findMany({
      where: { ...where, ...(edge === undefined ? {} : { position: edge }) },
      orderBy: { position: order },
      take,
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

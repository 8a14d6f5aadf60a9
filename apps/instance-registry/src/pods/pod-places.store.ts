import { Database, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';

/** A pod and where it is reached, each place in the spelling of `podPlaceOf`. */
export interface PodPlaces {
  readonly podId: string;
  readonly places: readonly string[];
}

/** Which server belongs to which instance, so that none is named by another account. */
@Injectable()
export class PodPlacesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** One taker of a place at a time, until the transaction ends. In order, against deadlocks. */
  async lock(transaction: Transaction, places: readonly string[]): Promise<void> {
    for (const place of [...new Set(places)].sort())
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`pod_place:${place}`}, 0))`;
  }

  /**
   * Those of the places that the account may not name: pods of platform models and pods that drivers run anywhere, pods of
   * other accounts where the place is private.
   */
  async taken(
    accountId: string,
    places: readonly string[],
    privatePlaces: readonly string[],
    transaction: Transaction = this.database.client,
  ): Promise<ReadonlySet<string>> {
    const rows = await transaction.$queryRaw<{ place: string }[]>`
      SELECT DISTINCT pod_places.place
      FROM pod_places
      JOIN instances ON instances.id = pod_places.instance_id
      JOIN deployments ON deployments.instance_id = pod_places.instance_id AND deployments.region = pod_places.region
      WHERE pod_places.place = ANY(${[...places]})
        AND (instances.kind = 'platform' OR deployments.driver <> 'external'
             OR (instances.account_id <> ${accountId} AND pod_places.place = ANY(${[...privatePlaces]})))`;
    return new Set(rows.map((row) => row.place));
  }

  /** Makes these the places of an instance's pods in a region. */
  async put(transaction: Transaction, instanceId: number, region: string, pods: readonly PodPlaces[]): Promise<void> {
    const key = { instanceId: BigInt(instanceId), region };
    await transaction.podPlace.deleteMany({ where: key });
    const data = pods.flatMap(({ podId, places }) => [...new Set(places)].map((place) => ({ ...key, podId, place })));
    if (data.length > 0) await transaction.podPlace.createMany({ data });
  }

  /** A terminated instance has no servers. */
  async release(transaction: Transaction, instanceId: number): Promise<void> {
    await transaction.podPlace.deleteMany({ where: { instanceId: BigInt(instanceId) } });
  }
}

import type { DeploymentObserved } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Injectable } from '@nestjs/common';

export interface NotedReadyTime {
  readonly instanceId: number;
  readonly region: string;
  /** Over all lives of the gateway. */
  readonly readySeconds: number;
  /** Whether its ready time is paid for. */
  readonly isMetered: boolean;
}

interface Row {
  readonly instance_id: bigint;
  readonly region: string;
  readonly ready_seconds: number;
  readonly is_metered: boolean;
}

/** The newest ready time of deployments whose pods are as they were. */
@Injectable()
export class ReadyTimeStore {
  /**
   * Takes those observations that say of a running instance what is known already, but for a later time: with one statement, and by the
   * rule of `addReadySeconds`. The others are left as they are. At most one observation of each deployment.
   */
  async note(transaction: Transaction, observations: readonly DeploymentObserved[]): Promise<readonly NotedReadyTime[]> {
    const rows = await transaction.$queryRaw<Row[]>`
      UPDATE deployment_observations AS known
      SET sequence = each.sequence, observed_at = each.observed_at, ready_seconds_reported = each.ready_replica_seconds,
          ready_seconds = known.ready_seconds + each.ready_replica_seconds
            - CASE WHEN each.ready_replica_seconds >= known.ready_seconds_reported THEN known.ready_seconds_reported ELSE 0 END
      FROM json_to_recordset(${JSON.stringify(observations)}::json) AS each (instance_id bigint, region text, sequence bigint,
             observed_at timestamptz, ready_replica_seconds double precision, pods jsonb)
      JOIN instances ON instances.id = each.instance_id AND instances.state = 'running'
      JOIN deployments ON deployments.instance_id = each.instance_id AND deployments.region = each.region
      WHERE known.instance_id = each.instance_id AND known.region = each.region
        AND known.sequence < each.sequence AND known.pods = each.pods
      RETURNING known.instance_id, known.region, known.ready_seconds,
        instances.account_id IS NOT NULL AND instances.gpu_type IS NOT NULL AS is_metered`;
    return rows.map((row) => ({
      instanceId: Number(row.instance_id),
      region: row.region,
      readySeconds: row.ready_seconds,
      isMetered: row.is_metered,
    }));
  }
}

import { modelSource, type ModelSource } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Injectable } from '@nestjs/common';

/** What only a driver may see of an instance and its model, sealed. */
export interface RunSecrets {
  readonly modelId: string | null;
  readonly source: ModelSource | null;
  readonly envEncrypted: Uint8Array<ArrayBuffer> | null;
  readonly tokenEncrypted: Uint8Array<ArrayBuffer> | null;
}

@Injectable()
export class RunSecretsStore {
  /** By instance. One query after the other: a transaction has one connection. */
  async read(transaction: Transaction, instanceIds: readonly number[]): Promise<ReadonlyMap<number, RunSecrets>> {
    const instances = await transaction.instance.findMany({
      where: { id: { in: instanceIds.map(BigInt) } },
      select: { id: true, modelId: true, envEncrypted: true },
    });
    const modelIds = [...new Set(instances.flatMap(({ modelId }) => (modelId === null ? [] : [modelId])))];
    const models = new Map((await transaction.model.findMany({ where: { id: { in: modelIds } } })).map((row) => [row.id, row]));
    return new Map(
      instances.map(({ id, modelId, envEncrypted }) => {
        const model = modelId === null ? undefined : models.get(modelId);
        const source = model === undefined ? null : modelSource.parse(model.source);
        return [Number(id), { modelId, source, envEncrypted, tokenEncrypted: model?.tokenEncrypted ?? null }];
      }),
    );
  }

  /** What the region's driver is told. */
  async driverConfig(transaction: Transaction, region: string): Promise<Record<string, unknown>> {
    const row = await transaction.region.findUnique({ where: { code: region }, select: { driverConfig: true } });
    return (row?.driverConfig as Record<string, unknown> | undefined) ?? {};
  }
}

import {
  ApiError,
  drivers,
  type PatchRegion,
  type PutRegion,
  regionState,
  TOPIC,
  type Driver,
  type RegionRecord,
  type RegionState,
} from '@ecolink/contracts';
import { appendEvents, Database, type Prisma, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { EVENT_SOURCE } from '../settings.js';
import { judgeDriverConfig } from './judge-driver-config.js';

export interface StoredRegion {
  readonly code: string;
  readonly name: string;
  readonly gatewayUrl: string;
  readonly driver: Driver;
  readonly driverConfig: Readonly<Record<string, unknown>>;
  readonly state: RegionState;
  readonly version: number;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
  /** When its gateway last asked for its deployments. */
  readonly contactedAt: Date | null;
}

type RegionRow = Prisma.RegionGetPayload<object>;

@Injectable()
export class RegionsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async all(): Promise<readonly StoredRegion[]> {
    const [rows, contacts] = await Promise.all([
      this.database.client.region.findMany({ where: { deletedAt: null }, orderBy: { code: 'asc' } }),
      this.database.client.gatewayContact.findMany(),
    ]);
    const contactedAt = new Map(contacts.map((contact) => [contact.region, contact.contactedAt]));
    return rows.map((row) => storedRegionOf(row, contactedAt.get(row.code)));
  }

  async put(code: string, values: PutRegion, now: Date): Promise<StoredRegion> {
    judgeDriverConfig(values.driver, values.driver_config);
    const data = {
      name: values.name,
      gatewayUrl: values.gateway_url,
      driver: values.driver,
      driverConfig: values.driver_config as Prisma.InputJsonObject,
      state: values.state,
      deletedAt: null,
    };
    return this.database.transaction(async (transaction) => {
      const row = await transaction.region.upsert({ where: { code }, create: { code, ...data }, update: data });
      await this.touchDeployments(transaction, code);
      return this.published(transaction, row, now);
    });
  }

  /** `undefined` when there is no such region. */
  async patch(code: string, values: PatchRegion, now: Date): Promise<StoredRegion | undefined> {
    return this.database.transaction(async (transaction) => {
      const { count } = await transaction.region.updateMany({ where: { code, deletedAt: null }, data: columnsOf(values) });
      if (count === 0) return undefined;
      const row = await transaction.region.findUniqueOrThrow({ where: { code } });
      judgeDriverConfig(drivers.parse(row.driver), row.driverConfig);
      if (values.driver_config !== undefined) await this.touchDeployments(transaction, code);
      return this.published(transaction, row, now);
    });
  }

  /** Takes a region off; its row stays, since histories name it. `undefined` when there is none. Throws 409 while anything is to run there. */
  async remove(code: string, now: Date): Promise<StoredRegion | undefined> {
    return this.database.transaction(async (transaction) => {
      const [known] = await transaction.$queryRaw<unknown[]>`
        SELECT code FROM regions WHERE code = ${code} AND deleted_at IS NULL FOR UPDATE`;
      if (known === undefined) return undefined;
      const uses = await this.countUses(transaction, code);
      if (uses > 0)
        throw new ApiError(
          'invalid_state',
          `${uses} instance${uses === 1 ? ' has' : 's have'} pods in region "${code}": move or terminate first`,
        );
      const row = await transaction.region.update({ where: { code }, data: { state: 'disabled', deletedAt: now } });
      return this.published(transaction, row, now);
    });
  }

  /** Instances that are not terminated, platform models among them. */
  private async countUses(transaction: Transaction, code: string): Promise<number> {
    return transaction.deployment.count({
      where: { region: code, replicas: { gt: 0 }, instance: { state: { not: 'terminated' } } },
    });
  }

  async noteContact(region: string, now: Date): Promise<void> {
    const contactedAt = now;
    await this.database.client.gatewayContact.upsert({
      where: { region },
      create: { region, contactedAt },
      update: { contactedAt },
    });
  }

  /** Gives what the region's driver runs a new version: it is told the driver's configuration with its deployments. */
  private async touchDeployments(transaction: Transaction, code: string): Promise<void> {
    await transaction.$executeRaw`
      UPDATE deployments SET replicas = replicas WHERE region = ${code} AND driver <> 'external' AND replicas > 0`;
  }

  private async published(transaction: Transaction, row: RegionRow, now: Date): Promise<StoredRegion> {
    const region = storedRegionOf(row, undefined);
    const id = `region:${row.code}:${row.version}`;
    const data = regionRecordOf(region);
    await appendEvents(transaction, [
      { id, source: EVENT_SOURCE, topic: TOPIC.regionChanged, key: row.code, occurredAt: now, data },
    ]);
    const contact = await transaction.gatewayContact.findUnique({ where: { region: row.code } });
    return { ...region, contactedAt: contact?.contactedAt ?? null };
  }
}

type Published = Pick<StoredRegion, 'code' | 'name' | 'gatewayUrl' | 'state' | 'version' | 'deletedAt'>;

export function regionRecordOf({ version, code, name, gatewayUrl, state, deletedAt }: Published): RegionRecord {
  const deleted = deletedAt === null ? {} : { deleted: true };
  return { version, region: code, name, gateway_url: gatewayUrl, state, ...deleted };
}

function columnsOf(values: PatchRegion): Prisma.RegionUpdateManyMutationInput {
  return {
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.gateway_url === undefined ? {} : { gatewayUrl: values.gateway_url }),
    ...(values.driver === undefined ? {} : { driver: values.driver }),
    ...(values.driver_config === undefined ? {} : { driverConfig: values.driver_config }),
    ...(values.state === undefined ? {} : { state: values.state }),
  };
}

export function storedRegionOf(row: RegionRow, contactedAt: Date | undefined): StoredRegion {
  return {
    code: row.code,
    name: row.name,
    gatewayUrl: row.gatewayUrl,
    driver: drivers.parse(row.driver),
    driverConfig: row.driverConfig as Record<string, unknown>,
    state: regionState.parse(row.state),
    version: row.version,
    createdAt: row.createdAt,
    deletedAt: row.deletedAt,
    contactedAt: contactedAt ?? null,
  };
}

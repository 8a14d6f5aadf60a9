import {
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

export interface StoredRegion {
  readonly code: string;
  readonly name: string;
  readonly gatewayUrl: string;
  readonly driver: Driver;
  readonly driverConfig: Readonly<Record<string, unknown>>;
  readonly state: RegionState;
  readonly version: number;
  readonly createdAt: Date;
  /** When its gateway last asked for its deployments. */
  readonly contactedAt: Date | null;
}

type RegionRow = Prisma.RegionGetPayload<object>;

@Injectable()
export class RegionsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async all(): Promise<readonly StoredRegion[]> {
    const [rows, contacts] = await Promise.all([
      this.database.client.region.findMany({ orderBy: { code: 'asc' } }),
      this.database.client.gatewayContact.findMany(),
    ]);
    const contactedAt = new Map(contacts.map((contact) => [contact.region, contact.contactedAt]));
    return rows.map((row) => storedRegionOf(row, contactedAt.get(row.code)));
  }

  async put(code: string, values: PutRegion, now: Date): Promise<StoredRegion> {
    const data = {
      name: values.name,
      gatewayUrl: values.gateway_url,
      driver: values.driver,
      driverConfig: values.driver_config as Prisma.InputJsonObject,
      state: values.state,
    };
    return this.database.transaction(async (transaction) => {
      const row = await transaction.region.upsert({ where: { code }, create: { code, ...data }, update: data });
      return this.published(transaction, row, now);
    });
  }

  /** `undefined` when there is no such region. */
  async patch(code: string, values: PatchRegion, now: Date): Promise<StoredRegion | undefined> {
    return this.database.transaction(async (transaction) => {
      const { count } = await transaction.region.updateMany({ where: { code }, data: columnsOf(values) });
      if (count === 0) return undefined;
      return this.published(transaction, await transaction.region.findUniqueOrThrow({ where: { code } }), now);
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

export function regionRecordOf(region: Pick<StoredRegion, 'code' | 'name' | 'gatewayUrl' | 'state' | 'version'>): RegionRecord {
  return { version: region.version, region: region.code, name: region.name, gateway_url: region.gatewayUrl, state: region.state };
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
    contactedAt: contactedAt ?? null,
  };
}

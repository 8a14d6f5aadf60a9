import { type CallsQuery, type CallView, type ListPage, unitsDto, usageOutcome } from '@ecolink/contracts';
import type { Prisma, PrismaClient } from '@ecolink/database';
import { isBackwards, toListPage } from '../list-cursor.js';

type Row = Prisma.UsageEventGetPayload<object>;

/** Calls of an account, newest first, or the ones of one request. */
export async function listCalls(client: PrismaClient, accountId: string, query: CallsQuery): Promise<ListPage<CallView>> {
  const order = isBackwards(query) ? 'asc' : 'desc';
  const rows = await client.usageEvent.findMany({
    where: {
      accountId,
      ...(query.request_id === undefined ? {} : { requestId: query.request_id }),
      ...(await cursorOf(client, accountId, query)),
    },
    orderBy: [{ startedAt: order }, { eventId: order }],
    take: query.limit + 1,
  });
  return toListPage(rows.map(toCallView), query);
}

async function cursorOf(client: PrismaClient, accountId: string, query: CallsQuery): Promise<Prisma.UsageEventWhereInput> {
  const eventId = query.after ?? query.before;
  if (eventId === undefined) return {};
  const row = await client.usageEvent.findFirst({ where: { eventId, accountId }, select: { startedAt: true } });
  if (row === null) return { eventId: '' };
  const { startedAt } = row;
  if (isBackwards(query)) return { OR: [{ startedAt: { gt: startedAt } }, { startedAt, eventId: { gt: eventId } }] };
  return { OR: [{ startedAt: { lt: startedAt } }, { startedAt, eventId: { lt: eventId } }] };
}

function toCallView(row: Row): CallView {
  return {
    id: row.eventId,
    request_id: row.requestId,
    model: row.model,
    endpoint: row.endpoint,
    units: unitsDto.parse(row.units),
    estimated: row.estimated,
    cost_nano_usd: String(row.costNanoUsd),
    region: row.region,
    key_id: row.keyId,
    source_tag: row.sourceTag,
    outcome: usageOutcome.parse(row.outcome),
    status: row.status,
    started_at: row.startedAt.toISOString(),
    ended_at: row.endedAt.toISOString(),
    ttft_ms: row.ttftMs,
    instance_id: row.instanceId === null ? null : Number(row.instanceId),
    platform_model_id: row.platformModelId,
  };
}

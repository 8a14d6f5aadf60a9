import { type CallsQuery, type CallView, type ListPage, unitsDto, usageOutcome } from '@ecolink/contracts';
import type { Prisma, PrismaClient } from '@ecolink/database';
import { isBackwards, toListPage } from '@ecolink/service-kit';

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
  const refunds = await readRefunds(client, accountId, rows);
  return toListPage(
    rows.map((row) => {
      const refundedNanoUsd = refunds.get(row.requestId);
      return { ...toCallView(row), ...(refundedNanoUsd === undefined ? {} : { refunded_nano_usd: String(refundedNanoUsd) }) };
    }),
    query,
  );
}

async function readRefunds(client: PrismaClient, accountId: string, rows: readonly Row[]): Promise<ReadonlyMap<string, bigint>> {
  const requestId = { in: rows.map((row) => row.requestId) };
  const refunds = await client.callRefund.findMany({ where: { accountId, requestId, refundedAt: { not: null } } });
  return new Map(refunds.map((refund) => [refund.requestId, refund.amountNanoUsd ?? 0n]));
}

async function cursorOf(client: PrismaClient, accountId: string, query: CallsQuery): Promise<Prisma.UsageEventWhereInput> {
  const eventId = query.after ?? query.before;
  if (eventId === undefined) return {};
  const row = await client.usageEvent.findFirst({ where: { eventId, accountId }, select: { startedAt: true } });
  if (row === null) return { eventId: '' };
  const { startedAt } = row;
  // The bound stands by itself, too: an index finds it, where it reads past what a list of alternatives leaves out.
  if (isBackwards(query))
    return { startedAt: { gte: startedAt }, OR: [{ startedAt: { gt: startedAt } }, { eventId: { gt: eventId } }] };
  return { startedAt: { lte: startedAt }, OR: [{ startedAt: { lt: startedAt } }, { eventId: { lt: eventId } }] };
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

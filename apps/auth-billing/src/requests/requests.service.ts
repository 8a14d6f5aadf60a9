import {
  ApiError,
  type CallAttempt,
  callAttempt,
  requestOutcome,
  type RequestList,
  type RequestsHistogram,
  type RequestsHistogramQuery,
  type RequestsQuery,
  type RequestView,
  unitsDto,
} from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { isBackwards, toListPage } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, SETTINGS, type Settings } from '../injection.js';
import { countRefusals, findRequest, readHistogram, type RequestPlace, type TimeRange } from './read-requests.store.js';
import type { RequestRow } from './request-log.store.js';
import { type FoundRequests, searchRequests } from './search-requests.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const SECOND_MS = 1_000;
/** Rows of an export: a month of a small account, a day of a busy one. */
const EXPORT_ROWS_MAX = 50_000;
/** After which a page is answered with what was found so far, and an export refused. */
const PAGE_PATIENCE_MS = 1_000;
const EXPORT_PATIENCE_MS = 15_000;
/** A cursor that stands for a moment: `at_<milliseconds since the epoch>`. No request id begins so. */
const MOMENT = /^at_([0-9]{1,15})$/;

/** Reads an account's request log. */
@Injectable()
export class Requests {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** A search that would take too long answers what it found, with the moment it came to as the cursor to go on from. */
  async list(accountId: string, query: RequestsQuery): Promise<RequestList> {
    const range = this.rangeOf(query);
    const { rows, searchedTo } = await this.search(accountId, query, range, query.limit + 1, PAGE_PATIENCE_MS);
    const counted = await countRefusals(this.database.client, accountId, range, query);
    const page = { ...toListPage(rows.map(toRequestView), query), counted_refusals: counted };
    if (searchedTo === undefined) return { ...page, data: [...page.data], searched_to: null };
    const cursor = { [isBackwards(query) ? 'first_id' : 'last_id']: `at_${searchedTo.getTime()}` };
    return { ...page, data: [...page.data], ...cursor, has_more: true, searched_to: searchedTo.toISOString() };
  }

  async export(accountId: string, query: RequestsQuery): Promise<readonly RequestView[]> {
    const found = await this.search(accountId, query, this.rangeOf(query), EXPORT_ROWS_MAX, EXPORT_PATIENCE_MS);
    if (found.searchedTo !== undefined)
      throw new ApiError('invalid_request', 'the log of this time is too long to be searched at once: ask for less of it', {
        param: 'from',
      });
    return found.rows.map(toRequestView);
  }

  /** 404 for a request that is not there; its message says where one may be that is missing. */
  async one(accountId: string, requestId: string): Promise<RequestView> {
    const row = await findRequest(this.database.client, accountId, requestId);
    if (row !== undefined) return toRequestView(row);
    const days = this.settings.requestLogDays;
    throw new ApiError(
      'not_found',
      `no request ${requestId} is in the log of this account: it keeps ${days} days, and refusals of one key for one reason above 10 a second are counted and not kept`,
    );
  }

  async histogram(accountId: string, query: RequestsHistogramQuery): Promise<RequestsHistogram> {
    const range = this.rangeOf(query);
    const seconds = (range.to.getTime() - range.from.getTime()) / SECOND_MS;
    const stepSeconds = Math.max(1, Math.ceil(seconds / query.buckets));
    const rows = await readHistogram(this.database.client, accountId, range, query, stepSeconds);
    return {
      object: 'list',
      from: range.from.toISOString(),
      to: range.to.toISOString(),
      step_seconds: stepSeconds,
      data: rows.map(({ at, outcome, count }) => ({ at: at.toISOString(), outcome: requestOutcome.parse(outcome), count })),
    };
  }

  private async search(
    accountId: string,
    query: RequestsQuery,
    range: TimeRange,
    limit: number,
    patienceMs: number,
  ): Promise<FoundRequests> {
    const place = await this.placeOf(accountId, query);
    if (place === 'unknown') return { rows: [] };
    const page = { accountId, range, filters: query, limit, place, isBackwards: isBackwards(query) };
    return searchRequests(this.database, page, { patienceMs });
  }

  private async placeOf(accountId: string, query: RequestsQuery): Promise<RequestPlace | undefined | 'unknown'> {
    const id = query.after ?? query.before;
    if (id === undefined) return undefined;
    const [, moment] = MOMENT.exec(id) ?? [];
    if (moment !== undefined) return { startedAt: new Date(Number(moment)), requestId: '' };
    const row = await findRequest(this.database.client, accountId, id);
    return row === undefined ? 'unknown' : { startedAt: row.started_at, requestId: row.request_id };
  }

  private rangeOf({ from, to }: { readonly from?: Date | undefined; readonly to?: Date | undefined }): TimeRange {
    const nowMs = this.clock().getTime();
    const range = { from: from ?? new Date(nowMs - this.settings.requestLogDays * DAY_MS), to: to ?? new Date(nowMs + DAY_MS) };
    if (range.from >= range.to) throw new ApiError('invalid_request', 'must be before `to`', { param: 'from' });
    return range;
  }
}

function toRequestView(row: RequestRow): RequestView {
  return {
    id: row.request_id,
    started_at: row.started_at.toISOString(),
    key_id: row.key_id,
    model: row.model,
    endpoint: row.endpoint,
    status: row.status,
    code: row.code,
    outcome: requestOutcome.parse(row.outcome),
    region: row.region,
    attempts: attemptsOf(row),
    ttft_ms: row.ttft_ms,
    duration_ms: Math.round(row.duration_ms * 10) / 10,
    units: row.units === null ? null : unitsDto.parse(row.units),
    estimated: row.estimated,
    cost_nano_usd: String(row.cost_nano_usd),
    source_tag: row.source_tag,
    instance_id: row.instance_id === null ? null : Number(row.instance_id),
    platform_model_id: row.platform_model_id,
  };
}

/** Nothing is noted of a call that succeeded at once: its one attempt is the call itself. */
function attemptsOf(row: RequestRow): CallAttempt[] {
  const noted = callAttempt.array().parse(row.attempts);
  if (noted.length > 0 || row.region === null) return noted;
  const durationMs = Math.round(row.duration_ms * 10) / 10;
  return [{ region: row.region, outcome: 'answered', code: String(row.status), started_ms: 0, duration_ms: durationMs }];
}

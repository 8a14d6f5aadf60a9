import {
  type Principal,
  type RequestList,
  type RequestsHistogram,
  requestsHistogramQuery,
  type RequestsHistogramQuery,
  requestsQuery,
  type RequestsQuery,
  type RequestView,
} from '@ecolink/contracts';
import { CurrentPrincipal, PrincipalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Param, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { toCsv } from '../reports/csv.js';
import { asCsvFile } from '../reports/csv-reply.js';
import { Requests } from './requests.service.js';

const COLUMNS = [
  ...(['id', 'started_at', 'key_id', 'source_tag', 'model', 'endpoint', 'status', 'code', 'outcome', 'region'] as const),
  ...(['ttft_ms', 'duration_ms', 'cost_nano_usd'] as const),
];

@Controller('api/v1/requests')
@UseGuards(PrincipalGuard)
export class RequestsController {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  @Get()
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(requestsQuery)) query: RequestsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RequestList | string> {
    if (query.format === 'json') return this.requests.list(principal.account_id, query);
    const rows = await this.requests.export(principal.account_id, query);
    return asCsvFile(
      reply,
      'requests',
      toCsv(
        COLUMNS,
        rows.map((row) => Object.fromEntries(COLUMNS.map((name) => [name, row[name]]))),
      ),
    );
  }

  @Get('histogram')
  histogram(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(requestsHistogramQuery)) query: RequestsHistogramQuery,
  ): Promise<RequestsHistogram> {
    return this.requests.histogram(principal.account_id, query);
  }

  @Get(':request_id')
  one(@CurrentPrincipal() principal: Principal, @Param('request_id') requestId: string): Promise<RequestView> {
    return this.requests.one(principal.account_id, requestId);
  }
}

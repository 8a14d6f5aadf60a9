import type { GatewayLogs } from '@ecolink/contracts';
import { InternalGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Param, ParseIntPipe, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';

export type ReadLogs = (instanceId: number, linesMax: number) => Promise<GatewayLogs['pods']>;

/** Gives what an instance's pods wrote. */
export const READ_LOGS = Symbol('READ_LOGS');

const LINES_MAX = 1_000;
const logsQuery = z.object({ lines: z.coerce.number().int().min(1).max(LINES_MAX).default(100) });

@Controller('logs')
@UseGuards(InternalGuard)
export class LogsController {
  constructor(@Inject(READ_LOGS) private readonly readLogs: ReadLogs) {}

  @Get(':id')
  async logs(
    @Param('id', ParseIntPipe) id: number,
    @Query(zodQuery(logsQuery)) { lines }: z.output<typeof logsQuery>,
  ): Promise<GatewayLogs> {
    return { pods: await this.readLogs(id, lines) };
  }
}

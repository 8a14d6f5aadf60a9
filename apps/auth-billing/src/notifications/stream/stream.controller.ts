import { HEADER, type Principal } from '@ecolink/contracts';
import { clientAddressOf, CurrentPrincipal, PrincipalGuard } from '@ecolink/service-kit';
import { Controller, Get, Inject, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Bell, readerOf } from '../bell/bell.service.js';
import { frame, OpenStream } from './open-stream.js';
import { OpenStreams } from './open-streams.service.js';

const RECONNECT_MS = 2_000;

@Controller('api/v1/stream')
@UseGuards(PrincipalGuard)
export class StreamController {
  constructor(
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(Bell) private readonly bell: Bell,
  ) {}

  @Get()
  async open(
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.streams.assertRoom(principal.account_id);
    const unread = await this.bell.unread(readerOf(principal));
    const { authorization = null, cookie = null } = request.headers;
    void reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      [HEADER.requestId]: request.id,
    });
    const hello = frame('hello', { account_id: principal.account_id, unread_count: unread });
    reply.raw.write(`retry: ${RECONNECT_MS}\n\n${hello}`);
    this.streams.hold(new OpenStream(principal.account_id, reply.raw), principal, {
      authorization,
      cookie,
      client_address: clientAddressOf(request),
    });
  }
}

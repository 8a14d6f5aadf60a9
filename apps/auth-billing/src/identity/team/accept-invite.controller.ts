import { type AcceptedInvite, acceptInvite, type AcceptInvite, type InvitePreview, resourceId } from '@ecolink/contracts';
import { zodBody } from '@ecolink/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CurrentSession, SessionGuard } from '../sessions/session.guard.js';
import type { Session } from '../sessions/session.store.js';
import { Invites } from './invites.service.js';

/** For who has the link, and is no member yet. */
@Controller('api/v1/invites')
export class AcceptInviteController {
  constructor(@Inject(Invites) private readonly invites: Invites) {}

  @Get(':token/preview')
  preview(@Param('token', zodBody(resourceId)) token: string): Promise<InvitePreview> {
    return this.invites.preview(token);
  }

  @Post('accept')
  @HttpCode(200)
  @UseGuards(SessionGuard)
  async accept(
    @Body(zodBody(acceptInvite)) body: AcceptInvite,
    @CurrentSession() session: Session,
    @Req() request: FastifyRequest,
  ): Promise<AcceptedInvite> {
    return { account: await this.invites.accept(body.token, session.user.id, request.id) };
  }
}

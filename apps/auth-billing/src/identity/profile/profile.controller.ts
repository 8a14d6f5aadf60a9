import { deleteMe, type DeleteMe, type MeView, patchMe, type PatchMe, putPassword, type PutPassword } from '@ecolink/contracts';
import { clientNetworkOf, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Delete, HttpCode, Inject, Patch, Put, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DeleteUser } from '../deletion/delete-user.js';
import { SessionCookies } from '../sessions/session-cookies.js';
import { CurrentSession, SessionGuard } from '../sessions/session.guard.js';
import type { Session } from '../sessions/session.store.js';
import { Sessions } from '../sessions/sessions.service.js';
import { Profile } from './profile.service.js';

@Controller('api/v1/me')
@UseGuards(SessionGuard)
export class ProfileController {
  constructor(
    @Inject(Profile) private readonly profile: Profile,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(DeleteUser) private readonly deleteUser: DeleteUser,
    @Inject(SessionCookies) private readonly cookies: SessionCookies,
  ) {}

  @Patch()
  patch(@Body(zodBody(patchMe)) body: PatchMe, @CurrentSession() session: Session): Promise<MeView> {
    return this.profile.rename(session, body.name);
  }

  @Delete()
  @HttpCode(204)
  async delete(
    @Body(zodBody(deleteMe)) body: DeleteMe,
    @CurrentSession() session: Session,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const from = { network: clientNetworkOf(request), requestId: request.id };
    await this.deleteUser.byThemselves(session.user.id, body.current_password, from);
    void reply.header('set-cookie', this.cookies.none());
  }

  @Put('password')
  @HttpCode(204)
  async changePassword(
    @Body(zodBody(putPassword)) body: PutPassword,
    @CurrentSession() session: Session,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const token = await this.profile.changePassword(session, body, clientNetworkOf(request));
    void reply.header('set-cookie', this.cookies.of(token));
  }

  @Delete('sessions')
  @HttpCode(204)
  async signOutEverywhere(@CurrentSession() session: Session, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.sessions.signOutEverywhere(session.user.id);
    void reply.header('set-cookie', this.cookies.none());
  }
}

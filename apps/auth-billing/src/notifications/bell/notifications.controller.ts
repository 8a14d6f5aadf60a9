import {
  type ListPage,
  notificationsQuery,
  type NotificationsQuery,
  type NotificationView,
  type Principal,
  readNotifications,
  type ReadNotifications,
  type UnreadNotifications,
} from '@ecolink/contracts';
import { CurrentPrincipal, PrincipalGuard, zodBody, zodQuery } from '@ecolink/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, UseGuards } from '@nestjs/common';
import { Bell, readerOf } from './bell.service.js';

@Controller('api/v1/notifications')
@UseGuards(PrincipalGuard)
export class NotificationsController {
  constructor(@Inject(Bell) private readonly bell: Bell) {}

  @Get()
  list(
    @CurrentPrincipal() principal: Principal,
    @Query(zodQuery(notificationsQuery)) query: NotificationsQuery,
  ): Promise<ListPage<NotificationView> & UnreadNotifications> {
    return this.bell.list(readerOf(principal), query);
  }

  @Post('read')
  @HttpCode(200)
  read(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(readNotifications)) body: ReadNotifications,
  ): Promise<UnreadNotifications> {
    return this.bell.markRead(readerOf(principal), body);
  }
}

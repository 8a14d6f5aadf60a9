import { type AdminUser, type ListPage, resourceId, type ResetLink, usersQuery, type UsersQuery } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import {
  type Actor,
  AdminGuard,
  type ChangeNote,
  CurrentActor,
  NoteChange,
  ShownOnce,
  zodBody,
  zodQuery,
} from '@ecolink/service-kit';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { DeleteUser } from '../deletion/delete-user.js';
import { PasswordResets } from '../reset/password-resets.service.js';
import { listUsers } from './admin-users.store.js';

@Controller('admin/v1/users')
@UseGuards(AdminGuard)
export class AdminUsersController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PasswordResets) private readonly resets: PasswordResets,
    @Inject(DeleteUser) private readonly deleteUser: DeleteUser,
  ) {}

  @Get()
  list(@Query(zodQuery(usersQuery)) query: UsersQuery): Promise<ListPage<AdminUser>> {
    return listUsers(this.database.client, query);
  }

  @Post(':id/reset-link')
  @ShownOnce('url')
  async resetLink(@Param('id', zodBody(resourceId)) id: string, @NoteChange() note: ChangeNote): Promise<ResetLink> {
    const link = await this.resets.createLink(id, false);
    note({ target: id, after: { reset_link_expires_at: link.expires_at } });
    return link;
  }

  @Delete(':id')
  @HttpCode(204)
  async delete(
    @Param('id', zodBody(resourceId)) id: string,
    @CurrentActor() actor: Actor,
    @NoteChange() note: ChangeNote,
  ): Promise<void> {
    await this.deleteUser.delete(id, actor);
    note({ target: id, before: { status: 'active' }, after: { status: 'deleted' } });
  }
}

import { type AccountSettings, patchAccountSettings, type PatchAccountSettings, type Principal } from '@ecolink/contracts';
import { type Actor, CurrentActor, CurrentPrincipal, OwnersOnly, PrincipalGuard, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Patch, UseGuards } from '@nestjs/common';
import { AccountSettingsService } from './account-settings.service.js';

@Controller('api/v1/account')
@UseGuards(PrincipalGuard)
export class AccountSettingsController {
  constructor(@Inject(AccountSettingsService) private readonly settings: AccountSettingsService) {}

  @Get()
  get(@CurrentPrincipal() principal: Principal): Promise<AccountSettings> {
    return this.settings.get(principal.account_id);
  }

  @Patch()
  @OwnersOnly()
  patch(
    @CurrentPrincipal() principal: Principal,
    @Body(zodBody(patchAccountSettings)) body: PatchAccountSettings,
    @CurrentActor() actor: Actor,
  ): Promise<AccountSettings> {
    return this.settings.patch(principal.account_id, body, actor);
  }
}

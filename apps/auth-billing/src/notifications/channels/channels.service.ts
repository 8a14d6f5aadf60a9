import {
  type AlertChannelView,
  ApiError,
  type CreateAlertChannel,
  type CreatedAlertChannel,
  type IdempotentCall,
  type ListPage,
  type ListQuery,
  newId,
  type PatchAlertChannel,
  type Principal,
} from '@ecolink/contracts';
import { Database, settleCall } from '@ecolink/database';
import { type Actor, INTERNAL_SECRET } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';
import { type AccountAudit, recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { holdQuota } from '../../pricing/plans/hold-quota.js';
import { type ChannelRow, newSecretSalt, toChannelView, webhookSecret } from './channel.js';
import {
  type ChannelPatch,
  countChannels,
  deleteChannel,
  findChannel,
  insertChannel,
  listChannels,
  updateChannel,
} from './channels.store.js';
import { checkWebhookTarget, parseWebhookUrl, webhookPolicy } from './webhook-url.js';

/** Where an account is told things beside the bell. Every call throws 404 for another account's channel as for an unknown one. */
@Injectable()
export class AlertChannels {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(INTERNAL_SECRET) private readonly internalSecret: string,
  ) {}

  async list(accountId: string, query: ListQuery): Promise<ListPage<AlertChannelView>> {
    const page = await listChannels(this.database.client, accountId, query);
    return { ...page, data: page.data.map(toChannelView) };
  }

  /** Throws 400 `url_not_allowed`, 409 `quota_reached`. */
  async create(
    principal: Principal,
    request: CreateAlertChannel,
    call: IdempotentCall | undefined,
    actor: Actor,
  ): Promise<CreatedAlertChannel> {
    const { account_id: accountId } = principal;
    const url = request.kind === 'webhook' ? await this.checkedUrl(request.url) : null;
    const now = this.clock();
    const row = await this.database.transaction(async (transaction) => {
      await holdQuota(transaction, accountId, { name: 'max_channels', count: () => countChannels(transaction, accountId) });
      const inserted = await insertChannel(transaction, {
        id: newId('chn', now.getTime()),
        accountId,
        kind: request.kind,
        address: request.kind === 'email' ? request.address : null,
        url,
        kinds: kindsOf(request.notifications),
        secretSalt: request.kind === 'webhook' ? newSecretSalt() : null,
        createdBy: principal.user_id ?? principal.key_id ?? 'unknown',
        createdAt: now,
      });
      await recordAccountAudit(transaction, entryOf(actor, 'created', undefined, inserted), now);
      await settleCall(transaction, call, { status: 201, body: toChannelView(inserted) });
      return inserted;
    });
    const view = toChannelView(row);
    return row.kind === 'webhook' ? { ...view, secret: webhookSecret(this.internalSecret, row) } : view;
  }

  async patch(accountId: string, id: string, patch: PatchAlertChannel, actor: Actor): Promise<AlertChannelView> {
    const known = (await findChannel(this.database.client, { id, accountId })) ?? refuseUnknown();
    if (patch.address !== undefined && known.kind !== 'email') refuseField('address', 'a webhook has a url');
    if (patch.url !== undefined && known.kind !== 'webhook') refuseField('url', 'an e-mail channel has an address');
    const url = patch.url === undefined ? {} : { url: await this.checkedUrl(patch.url) };
    const columns: ChannelPatch = {
      ...url,
      ...(patch.address === undefined ? {} : { address: patch.address }),
      ...(patch.notifications === undefined ? {} : { kinds: kindsOf(patch.notifications) }),
      ...statusColumns(patch.status),
    };
    return this.database.transaction(async (transaction) => {
      const before = (await findChannel(transaction, { id, accountId })) ?? refuseUnknown();
      const after = await updateChannel(transaction, id, columns);
      await recordAccountAudit(transaction, entryOf(actor, 'changed', before, after), this.clock());
      return toChannelView(after);
    });
  }

  async delete(accountId: string, id: string, actor: Actor): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const before = (await findChannel(transaction, { id, accountId })) ?? refuseUnknown();
      await deleteChannel(transaction, { id, accountId });
      await recordAccountAudit(transaction, entryOf(actor, 'deleted', before, undefined), this.clock());
    });
  }

  private async checkedUrl(text: string): Promise<string> {
    const target = parseWebhookUrl(text);
    await checkWebhookTarget(target, webhookPolicy(this.settings.podNetworks, this.settings.ownPorts));
    return target.url;
  }
}

/** An entry of the account's audit log; a view of a channel holds no secret. */
function entryOf(
  actor: Actor,
  verb: 'created' | 'changed' | 'deleted',
  before: ChannelRow | undefined,
  after: ChannelRow | undefined,
): AccountAudit {
  const channel = after ?? before;
  if (channel === undefined) throw new Error('an entry is about a channel');
  const viewOf = (row: ChannelRow | undefined): object | undefined => (row === undefined ? undefined : toChannelView(row));
  const { accountId, id: target } = channel;
  return { accountId, actor, action: `alert_channel.${verb}`, target, before: viewOf(before), after: viewOf(after) };
}

function statusColumns(status: PatchAlertChannel['status']): ChannelPatch {
  if (status === undefined) return {};
  return { status, statusReason: status === 'active' ? null : 'disabled by an owner' };
}

function kindsOf(kinds: readonly string[] | null | undefined): string[] {
  return [...new Set(kinds ?? [])];
}

function refuseField(param: string, reason: string): never {
  throw new ApiError('invalid_request', `${param}: ${reason}`, { param });
}

function refuseUnknown(): never {
  throw new ApiError('not_found', 'there is no such alert channel');
}

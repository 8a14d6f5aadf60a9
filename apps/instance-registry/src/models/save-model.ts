import { ApiError, type CreateModel, type ModelSourceInput, newId, type UpdateModel } from '@ecolink/contracts';
import { appendEvents, Database, type Transaction } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { auditEvent, type AuditNote, changedMembers } from '../audit/audit-event.js';
import { KeepQuotas } from '../quotas/keep-quotas.js';
import type { Quotas } from '../quotas/quotas.js';
import { SecretBox } from '../secrets/secret-box.js';
import { modelTokenPlace, storedSource } from './model-source.js';
import { ModelUses } from './model-uses.js';
import { ModelsStore, orNameTaken, type StoredModel } from './models.store.js';

/** Whose models they are, who changes them, and how many the account may have. */
export interface ModelOwner {
  readonly accountId: string;
  readonly actor: Actor;
  readonly quotas: Quotas;
}

/** Makes, changes and deletes models. What instances were launched from stays as it is while there are any. */
@Injectable()
export class SaveModel {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ModelsStore) private readonly models: ModelsStore,
    @Inject(ModelUses) private readonly uses: ModelUses,
    @Inject(KeepQuotas) private readonly quotas: KeepQuotas,
    @Inject(SecretBox) private readonly box: SecretBox,
  ) {}

  async create(owner: ModelOwner, body: CreateModel, now: Date): Promise<StoredModel> {
    const { accountId, actor, quotas } = owner;
    const id = newId('mdl', now.getTime());
    const values = {
      name: body.name,
      category: body.category,
      source: storedSource(body.source, false),
      servedModelName: body.served_model_name ?? null,
      contextLength: body.context_length ?? null,
      parameters: parametersOf(body.parameters, null),
      tokenEncrypted: this.sealedToken(id, body.source) ?? null,
    };
    const result = await orNameTaken(() =>
      this.database.transaction(async (transaction) => {
        await this.quotas.model(transaction, accountId, quotas);
        const model = await this.models.insert(transaction, id, accountId, values, now);
        await audit(transaction, accountId, { actor, action: 'model.created', target: id, after: auditedModel(model) }, now);
        return model;
      }),
    );
    return acceptedName(result, body.name);
  }

  async update({ accountId, actor }: Omit<ModelOwner, 'quotas'>, id: string, body: UpdateModel, now: Date): Promise<StoredModel> {
    const result = await orNameTaken(() =>
      this.database.transaction(async (transaction) => {
        const before = await this.locked(transaction, accountId, id);
        if (changesIdentity(before, body)) await this.uses.refuse(transaction, id);
        const after = await this.models.update(transaction, id, {
          name: body.name ?? before.name,
          category: body.category ?? before.category,
          source: body.source === undefined ? before.source : storedSource(body.source, keepsToken(before, body.source)),
          servedModelName: body.served_model_name === undefined ? before.servedModelName : body.served_model_name,
          contextLength: body.context_length === undefined ? before.contextLength : body.context_length,
          parameters: parametersOf(body.parameters, before.parameters),
          tokenEncrypted: body.source === undefined ? undefined : this.tokenAfter(before, id, body.source),
        });
        if (after.servedModelName !== before.servedModelName) await this.uses.passOn(transaction, after);
        const change = changedMembers(auditedModel(before), auditedModel(after));
        await audit(transaction, accountId, { actor, action: 'model.changed', target: id, ...change }, now);
        return after;
      }),
    );
    return acceptedName(result, body.name ?? '');
  }

  async remove({ accountId, actor }: Omit<ModelOwner, 'quotas'>, id: string, now: Date): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const before = await this.locked(transaction, accountId, id);
      await this.uses.refuse(transaction, id);
      await this.models.remove(transaction, id);
      await audit(transaction, accountId, { actor, action: 'model.deleted', target: id, before: auditedModel(before) }, now);
    });
  }

  private async locked(transaction: Transaction, accountId: string, id: string): Promise<StoredModel> {
    await this.models.lockForChange(transaction, id);
    return foundModel(await this.models.find(accountId, id, transaction), id);
  }

  private sealedToken(id: string, source: ModelSourceInput): Uint8Array<ArrayBuffer> | undefined {
    if (source.kind !== 'huggingface' || source.token === undefined) return undefined;
    return this.box.seal(source.token, modelTokenPlace(id));
  }

  private tokenAfter(before: StoredModel, id: string, source: ModelSourceInput): Uint8Array<ArrayBuffer> | null | undefined {
    return this.sealedToken(id, source) ?? (keepsToken(before, source) ? undefined : null);
  }
}

/** What of a model stands in an audit log; its token does not. */
function auditedModel({ name, category, source, servedModelName }: StoredModel) {
  return { name, category, source, served_model_name: servedModelName };
}

async function audit(transaction: Transaction, accountId: string, note: AuditNote, now: Date): Promise<void> {
  await appendEvents(transaction, [auditEvent(accountId, note, now)]);
}

export function foundModel(model: StoredModel | undefined, id: string): StoredModel {
  if (model === undefined) throw new ApiError('not_found', `there is no model ${id}`);
  return model;
}

function acceptedName(result: StoredModel | 'name-taken', name: string): StoredModel {
  if (result === 'name-taken')
    throw new ApiError('name_taken', `the account has a model named "${name}" already`, { param: 'name' });
  return result;
}

/** A token belongs to its repository and is not sent for another one. */
function keepsToken(before: StoredModel, source: ModelSourceInput): boolean {
  return (
    before.source.kind === 'huggingface' &&
    source.kind === 'huggingface' &&
    before.source.has_token &&
    before.source.repo === source.repo
  );
}

function changesIdentity(before: StoredModel, body: UpdateModel): boolean {
  const renamed = body.name !== undefined && body.name !== before.name;
  const recategorised = body.category !== undefined && body.category !== before.category;
  return renamed || recategorised || body.source !== undefined;
}

function parametersOf(given: number | null | undefined, before: bigint | null): bigint | null {
  return given === undefined ? before : given === null ? null : BigInt(given);
}

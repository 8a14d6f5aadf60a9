import type { InstanceDefinition, UpdateInstance } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT_PLACE } from '../instances/draft-instance.js';
import { InstanceActions } from '../instances/instance-actions.js';
import { InstanceChangesStore, type InstanceFields } from '../instances/instance-changes.store.js';
import type { StoredInstance } from '../instances/instance.js';
import type { Launcher } from '../instances/launch-instance.js';
import { SecretBox } from '../secrets/secret-box.js';
import { CheckDefinition } from './check-definition.js';
import { planRevision } from './plan-revision.js';
import { RevisionsStore } from './revisions.store.js';

/** Changes what an instance is made of: the next revision, its columns, its deployments and its event in one transaction. */
@Injectable()
export class ReviseInstance {
  constructor(
    @Inject(InstanceActions) private readonly actions: InstanceActions,
    @Inject(InstanceChangesStore) private readonly changes: InstanceChangesStore,
    @Inject(RevisionsStore) private readonly revisions: RevisionsStore,
    @Inject(CheckDefinition) private readonly checker: CheckDefinition,
    @Inject(SecretBox) private readonly box: SecretBox,
  ) {}

  revise({ accountId, quotas, actor }: Launcher, id: number | undefined, change: UpdateInstance): Promise<StoredInstance> {
    return this.actions.change({ accountId }, id, async (instance, transaction) => {
      const before = await this.revisions.find(transaction, instance.id, instance.revision);
      const definition = planRevision(instance, before.definition, change);
      const deployments = await this.checker.check(transaction, instance, { definition, change }, quotas);
      const envEncrypted = change.env === undefined ? before.envEncrypted : this.sealed(change.env);
      const revision = instance.revision + 1;
      await this.revisions.insert(transaction, instance.id, { revision, definition, envEncrypted, createdBy: actor.id });
      for (const draft of deployments) await this.changes.putDeployment(transaction, instance.id, draft);
      await this.changes.setRevision(transaction, instance.id, revision);
      const fields = { ...fieldsOf(definition), revision, envEncrypted };
      return { kind: 'revised', fields, audit: { actor, action: 'instance.revised' } };
    });
  }

  private sealed(env: Readonly<Record<string, string>> | null): Uint8Array<ArrayBuffer> | null {
    return env === null ? null : this.box.seal(JSON.stringify(env), ENVIRONMENT_PLACE);
  }
}

function fieldsOf(definition: InstanceDefinition): InstanceFields {
  return {
    name: definition.name,
    image: definition.image,
    args: [...definition.args],
    gpuType: definition.gpu_type,
    gpuCount: definition.gpu_count,
    customApiPath: definition.custom_api_path,
    healthPath: definition.health_path,
    injectStreamUsage: definition.inject_stream_usage,
    strategy: definition.strategy,
  };
}

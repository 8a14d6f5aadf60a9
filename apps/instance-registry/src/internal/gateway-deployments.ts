import { assertNever, type GatewayDeployment, type ModelSource } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable } from '@nestjs/common';
import type { StoredInstance, StoredPod } from '../instances/instance.js';
import { ENVIRONMENT_PLACE } from '../instances/draft-instance.js';
import { modelTokenPlace } from '../models/model-source.js';
import { podKeyPlace } from '../pods/place-pods.js';
import { SecretBox } from '../secrets/secret-box.js';
import { type RunSecrets, RunSecretsStore } from './run-secrets.store.js';

/** What one region's gateway is told of an instance; the only place where pod keys are opened. */
@Injectable()
export class GatewayDeployments {
  private readonly logger = createLogger('instance-registry');

  constructor(
    @Inject(SecretBox) private readonly box: SecretBox,
    @Inject(RunSecretsStore) private readonly secrets: RunSecretsStore,
  ) {}

  async show(
    transaction: Transaction,
    region: string,
    instances: readonly StoredInstance[],
  ): Promise<readonly GatewayDeployment[]> {
    const isRun = (instance: StoredInstance): boolean =>
      instance.deployments.some((entry) => entry.region === region && entry.driver !== 'external');
    const run = instances.filter(isRun).map((instance) => instance.id);
    if (run.length === 0) return instances.map((instance) => this.showOne(region, instance, {}, undefined));
    const driverConfig = await this.secrets.driverConfig(transaction, region);
    const secrets = await this.secrets.read(transaction, run);
    return instances.map((instance) => this.showOne(region, instance, driverConfig, secrets.get(instance.id)));
  }

  private showOne(
    region: string,
    instance: StoredInstance,
    driverConfig: Record<string, unknown>,
    secrets: RunSecrets | undefined,
  ): GatewayDeployment {
    const deployment = instance.deployments.find((entry) => entry.region === region);
    if (deployment === undefined) throw new Error(`instance ${instance.id} has no deployment in ${region}`);
    return {
      version: deployment.version,
      instance_id: instance.id,
      kind: instance.kind,
      desired_state: instance.lifecycle.desiredState,
      driver: deployment.driver,
      openai_compatible: instance.openaiCompatible,
      custom_api_path: instance.customApiPath,
      health_path: instance.healthPath,
      ...(instance.strategy === 'round_robin' ? {} : { strategy: instance.strategy }),
      category: instance.category,
      served_model_name: instance.servedModelName ?? instance.modelName,
      pods: deployment.pods.map((pod) => ({ pod_id: pod.id, url: pod.url, api_key: this.openKey(pod), weight: pod.weight })),
      replicas: deployment.replicas,
      image: instance.image,
      args: [...instance.args],
      gpu_type: instance.gpuType,
      gpu_count: instance.gpuCount ?? 0,
      ...this.runValues(secrets),
      driver_config: secrets === undefined ? {} : driverConfig,
    };
  }

  /** What servers that others run have no use for. */
  private runValues(secrets: RunSecrets | undefined): Pick<GatewayDeployment, 'model' | 'env' | 'token'> {
    if (secrets === undefined) return { model: null, env: {}, token: null };
    const { source, modelId, envEncrypted, tokenEncrypted } = secrets;
    const env = envEncrypted === null ? null : this.open(envEncrypted, ENVIRONMENT_PLACE, 'environment.unreadable');
    const token =
      tokenEncrypted === null || modelId === null
        ? null
        : this.open(tokenEncrypted, modelTokenPlace(modelId), 'model_token.unreadable');
    return { model: source === null ? null : weightsOf(source), env: environmentOf(env), token };
  }

  private open(sealed: Uint8Array<ArrayBuffer>, place: string, event: string): string | null {
    try {
      return this.box.open(sealed, place);
    } catch (error) {
      this.logger.error({ event, err: error });
      return null;
    }
  }

  /** One key that cannot be opened (another encryption key) must not keep a whole region from its deployments. */
  private openKey(pod: StoredPod): string | null {
    if (pod.apiKeyEncrypted === null) return null;
    try {
      return this.box.open(pod.apiKeyEncrypted, podKeyPlace(pod.id));
    } catch (error) {
      this.logger.error({ event: 'pod_key.unreadable', pod_id: pod.id, err: error });
      return null;
    }
  }
}

/** What a driver loads. */
function weightsOf(source: ModelSource): string | null {
  switch (source.kind) {
    case 'huggingface':
      return source.repo;
    case 'filesystem':
      return source.path;
    case 'platform':
      return source.platform_model_id;
    case 'external':
      return null;
    default:
      return assertNever(source);
  }
}

function environmentOf(text: string | null): Record<string, string> {
  return text === null ? {} : (JSON.parse(text) as Record<string, string>);
}

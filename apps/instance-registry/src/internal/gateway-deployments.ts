import type { GatewayDeployment } from '@ecolink/contracts';
import { createLogger } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { StoredInstance, StoredPod } from '../instances/instance.js';
import { podKeyPlace } from '../pods/place-pods.js';
import { SecretBox } from '../secrets/secret-box.js';

/** What one region's gateway is told of an instance; the only place where pod keys are opened. */
@Injectable()
export class GatewayDeployments {
  private readonly logger = createLogger('instance-registry');

  constructor(@Inject(SecretBox) private readonly box: SecretBox) {}

  show(region: string, instance: StoredInstance): GatewayDeployment {
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
      category: instance.category,
      served_model_name: instance.servedModelName ?? instance.modelName,
      pods: deployment.pods.map((pod) => ({ pod_id: pod.id, url: pod.url, api_key: this.openKey(pod), weight: pod.weight })),
      replicas: deployment.replicas,
      image: instance.image,
      args: [...instance.args],
    };
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

import { ApiError, newId, type PlatformPodInput, type PodInput } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { DeploymentDraft, PodDraft, StoredDeployment, StoredPod } from '../instances/instance.js';
import { RegionsStore } from '../regions/regions.store.js';
import { SecretBox } from '../secrets/secret-box.js';
import { type CheckedPodUrl, PodUrls } from './pod-urls.js';
import { placesOf, TakenPlaces } from './taken-places.js';
import type { Transaction } from '@ecolink/database';

type AnyPodInput = PodInput & Partial<Pick<PlatformPodInput, 'weight'>>;

/** Turns pods as they are given into deployments of driver `external`, checking regions and addresses. */
@Injectable()
export class PlacePods {
  constructor(
    @Inject(PodUrls) private readonly podUrls: PodUrls,
    @Inject(RegionsStore) private readonly regions: RegionsStore,
    @Inject(SecretBox) private readonly box: SecretBox,
    @Inject(TakenPlaces) private readonly takenPlaces: TakenPlaces,
  ) {}

  /**
   * Judges regions and URLs; slow (it resolves names), so done before any lock is taken. `pinnedRegion`: nowhere else.
   * `accountId`: whose pods they are to be; operators, with `null`, may name any.
   */
  async check(
    pods: readonly AnyPodInput[],
    pinnedRegion: string | null,
    accountId: string | null,
  ): Promise<readonly CheckedPod[]> {
    const known = new Map((await this.regions.all()).map((region) => [region.code, region]));
    for (const [index, pod] of pods.entries()) {
      const param = `pods[${index}].region`;
      const region = known.get(pod.region);
      if (region === undefined || region.state === 'disabled') {
        throw new ApiError('invalid_request', `${param}: there is no region "${pod.region}"`, { param });
      }
      if (pinnedRegion !== null && pod.region !== pinnedRegion) {
        throw new ApiError(
          'invalid_request',
          `${param}: the model's filesystem is in ${pinnedRegion}, so its pods must be there`,
          { param },
        );
      }
    }
    const checked = await Promise.all(
      pods.map(async (pod, index) => {
        const target = await this.podUrls.check(pod.url, `pods[${index}].url`);
        return { ...pod, url: target.url, target };
      }),
    );
    refuseTwins(checked);
    const judged = checked.map((pod) => ({
      region: pod.region,
      url: pod.url,
      apiKey: pod.api_key,
      weight: pod.weight ?? 1,
      target: pod.target,
    }));
    if (accountId !== null) await this.refuseTaken(accountId, judged);
    return judged;
  }

  /** Again, under a lock that lasts until the pods are written. */
  async refuseTaken(accountId: string, pods: readonly CheckedPod[], transaction?: Transaction): Promise<void> {
    const named = pods.map(({ target }, index) => ({ param: `pods[${index}].url`, target }));
    await this.takenPlaces.refuse(accountId, named, transaction);
  }

  /** Deployments for the pods; pods that were there before keep their id, and their key unless a new one is given. */
  draft(pods: readonly CheckedPod[], before: readonly StoredDeployment[]): readonly DeploymentDraft[] {
    const regions = [...new Set([...pods.map((pod) => pod.region), ...before.map((deployment) => deployment.region)])].sort();
    return regions.map((region) => {
      const old = before.find((deployment) => deployment.region === region)?.pods ?? [];
      const here = pods
        .filter((pod) => pod.region === region)
        .map((pod) =>
          this.storedPod(
            pod,
            old.find((other) => other.url === pod.url),
          ),
        );
      return { region, driver: 'external', replicas: here.length, pods: here };
    });
  }

  private storedPod(pod: CheckedPod, old: StoredPod | undefined): PodDraft {
    const id = old?.id ?? newId('pod');
    return {
      id,
      url: pod.url,
      weight: pod.weight,
      apiKeyEncrypted: this.sealedKey(pod.apiKey, id, old),
      places: placesOf(pod.target),
    };
  }

  private sealedKey(apiKey: string | null | undefined, id: string, old: StoredPod | undefined): Uint8Array<ArrayBuffer> | null {
    if (apiKey === undefined) return old?.apiKeyEncrypted ?? null;
    return apiKey === null ? null : this.box.seal(apiKey, podKeyPlace(id));
  }
}

export interface CheckedPod {
  readonly region: string;
  readonly url: string;
  /** `undefined`: as it was; `null`: none. */
  readonly apiKey: string | null | undefined;
  readonly weight: number;
  readonly target: CheckedPodUrl;
}

/** What a sealed pod key is bound to. */
export function podKeyPlace(podId: string): string {
  return `pod:${podId}`;
}

function refuseTwins(pods: readonly { region: string; url: string }[]): void {
  const seen = new Set<string>();
  for (const [index, pod] of pods.entries()) {
    const key = `${pod.region} ${pod.url}`;
    if (seen.has(key)) {
      const param = `pods[${index}].url`;
      throw new ApiError('invalid_request', `${param}: ${pod.url} is named twice in region ${pod.region}`, { param });
    }
    seen.add(key);
  }
}

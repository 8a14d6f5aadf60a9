import {
  assertNever,
  type Category,
  formatModelId,
  type InstanceRecord,
  KEY_OR_OWNER_MESSAGE,
  type KeyState,
  parseModelId,
  type Prices,
  priceTargetOfInstance,
  priceTargetOfPlatformModel,
  PROXY_ENDPOINT,
} from '@ecolink/contracts';
import { CONTEXT_LENGTH_UNKNOWN } from './call-bounds.js';
import type { RouterState } from '../state/router-state.js';
import type { InferenceApi } from '../apis/api.js';
import { ok, type Outcome, refused } from '../call/outcome.js';
import { allowanceOf, refuseTarget } from './key-allowance.js';

/** What a call is for: the instance that serves it and what it costs. */
export interface Target {
  readonly instance: InstanceRecord;
  readonly platformModelId: string | null;
  /** What the pod calls the model. */
  readonly servedModelName: string;
  readonly prices: Prices;
  /** Tokens of prompt and answer together; a large one where the model's own is not known. */
  readonly contextLength: number;
  /** As the client wrote it; goes into the usage event. */
  readonly model: string;
  /** Where the caller's key lets it be served; undefined: anywhere. */
  readonly regions: ReadonlySet<string> | undefined;
}

/** Seconds until a starting instance is worth another try. */
const STARTING_RETRY_SECONDS = 5;

/**
 * Resolves the `model` of a `/v1` call: the id exists (404), the account owns it (401), the key's limits allow it (403), the
 * name fits (404), kind and category fit (400), it runs (404, 503, 402), it has a price (402) — in this order, so that a stranger learns nothing
 * but that he is one.
 */
export function resolveModel(state: RouterState, key: KeyState, model: string, endpoint: InferenceApi): Outcome<Target> {
  const id = parseModelId(model);
  switch (id?.kind) {
    case undefined:
      return unknownModel(model);
    case 'platform':
      return resolvePlatformModel(state, key, id.platformModelId, endpoint);
    case 'instance': {
      const instance = state.instances.get(String(id.instanceId));
      if (instance?.kind !== 'own') return unknownModel(model);
      if (instance.account_id !== key.account_id) return notOwned();
      const denied = refuseTarget(allowanceOf(key), { instance, platformModelId: null, endpoint: endpoint.path });
      if (denied !== undefined) return { kind: 'refused', refusal: denied };
      if (instance.model_name !== id.name) return unknownModel(model);
      if (!instance.openai_compatible) return refused('wrong_instance_kind', customUrlHint(instance), { param: 'model' });
      if (instance.category !== endpoint.category) return wrongCategory(instance, endpoint.category);
      const refusal = refusalOfState(instance, 'model_not_found');
      return refusal ?? ok(targetOf(state, key, instance, null, model));
    }
    default:
      return assertNever(id);
  }
}

/** Resolves a call to an instance's custom path, by the same order of checks. */
export function resolveInstance(state: RouterState, key: KeyState, instanceId: number | undefined): Outcome<Target> {
  const instance = instanceId === undefined ? undefined : state.instances.get(String(instanceId));
  if (instance?.kind !== 'own') return refused('instance_not_found', 'there is no such instance');
  if (instance.account_id !== key.account_id) return notOwned();
  const denied = refuseTarget(allowanceOf(key), { instance, platformModelId: null, endpoint: PROXY_ENDPOINT });
  if (denied !== undefined) return { kind: 'refused', refusal: denied };
  if (instance.custom_api_path === null) {
    return refused(
      'wrong_instance_kind',
      `instance ${instance.instance_id} is OpenAI-compatible and has no custom path: call /v1 with model "${instance.model_name}:${instance.instance_id}"`,
    );
  }
  const refusal = refusalOfState(instance, 'instance_not_found');
  return refusal ?? ok(targetOf(state, key, instance, null, `${instance.model_name}:${instance.instance_id}`));
}

function resolvePlatformModel(
  state: RouterState,
  key: KeyState,
  platformModelId: string,
  endpoint: InferenceApi,
): Outcome<Target> {
  const model = state.platformModels.get(platformModelId);
  if (model?.status !== 'active') return unknownModel(platformModelId, ownInstanceOf(state, key, platformModelId));
  const instance = state.instances.get(String(model.instance_id));
  if (instance === undefined) return unknownModel(platformModelId);
  const denied = refuseTarget(allowanceOf(key), { instance, platformModelId, endpoint: endpoint.path });
  if (denied !== undefined) return { kind: 'refused', refusal: denied };
  if (model.category !== endpoint.category) return wrongCategory(instance, endpoint.category);
  const refusal = refusalOfState(instance, 'model_not_found');
  if (refusal !== undefined) return refusal;
  const target = targetOf(state, key, instance, platformModelId, platformModelId);
  if (!target.prices.isPriced)
    return refused('model_not_priced', `the platform model ${platformModelId} has no price yet and cannot be called`, {
      param: 'model',
    });
  return ok(target);
}

function targetOf(
  state: RouterState,
  key: KeyState,
  instance: InstanceRecord,
  platformModelId: string | null,
  model: string,
): Target {
  const contextLength = platformModelId === null ? null : state.platformModels.get(platformModelId)?.context_length;
  const priceTarget =
    platformModelId === null ? priceTargetOfInstance(instance.instance_id) : priceTargetOfPlatformModel(platformModelId);
  return {
    instance,
    platformModelId,
    servedModelName: instance.served_model_name ?? platformModelId ?? instance.model_name,
    prices: state.pricesOf(priceTarget),
    contextLength: contextLength ?? CONTEXT_LENGTH_UNKNOWN,
    model,
    regions: allowanceOf(key)?.regions,
  };
}

/** The one running instance of the account's own that has this name: its id was forgotten. */
function ownInstanceOf(state: RouterState, key: KeyState, name: string): InstanceRecord | undefined {
  // A limited key is told of no instance that it may not call.
  if (key.allow !== undefined) return undefined;
  const [only, ...others] = state
    .instancesOf(key.account_id)
    .filter((instance) => instance.model_name === name && instance.state === 'running');
  return others.length === 0 ? only : undefined;
}

/** @param meant what the caller may have meant; only ever one of its own. */
function unknownModel(model: string, meant?: InstanceRecord): Outcome<never> {
  const advice =
    meant === undefined
      ? 'check the spelling and that the instance is still running'
      : `did you mean ${formatModelId(meant.model_name, meant.instance_id)}?`;
  return refused('model_not_found', `unknown model or instance id: ${model.slice(0, 200)}; ${advice}`, { param: 'model' });
}

function notOwned(): Outcome<never> {
  return refused('instance_not_owned', KEY_OR_OWNER_MESSAGE);
}

function wrongCategory(instance: InstanceRecord, category: Category): Outcome<never> {
  return refused('wrong_category', `this model is of category ${instance.category}; the endpoint serves ${category}`, {
    param: 'model',
  });
}

function customUrlHint(instance: InstanceRecord): string {
  return `instance ${instance.instance_id} is not OpenAI-compatible: call /inference-instances/${instance.instance_id}/proxy/${instance.custom_api_path ?? ''}`;
}

function refusalOfState(
  instance: InstanceRecord,
  notFound: 'model_not_found' | 'instance_not_found',
): Outcome<never> | undefined {
  const { state } = instance;
  switch (state) {
    case 'running':
      return undefined;
    case 'pending':
    case 'starting':
      return refused('instance_not_ready', 'the instance is starting', { retryAfterSeconds: STARTING_RETRY_SECONDS });
    case 'terminated':
      if (instance.termination_reason === 'credit_depleted') {
        return refused(
          'instance_credit_depleted',
          'the instance was terminated because the credit was used up; a top-up does not bring it back, launch it again',
        );
      }
      return refused(notFound, 'the instance is terminated');
    case 'stopping':
    case 'stopped':
    case 'failed':
      return refused(notFound, `the instance is ${state}`);
    default:
      return assertNever(state);
  }
}

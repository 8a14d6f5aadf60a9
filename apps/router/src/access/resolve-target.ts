import {
  assertNever,
  type Category,
  type InstanceRecord,
  KEY_OR_OWNER_MESSAGE,
  parseModelId,
  type Prices,
  priceTargetOfInstance,
  priceTargetOfPlatformModel,
} from '@ecolink/contracts';
import type { RouterState } from '../state/router-state.js';
import { ok, type Outcome, refused } from './outcome.js';

/** What a call is for: the instance that serves it and what it costs. */
export interface Target {
  readonly instance: InstanceRecord;
  readonly platformModelId: string | null;
  /** What the pod calls the model. */
  readonly servedModelName: string;
  readonly prices: Prices;
  /** As the client wrote it; goes into the usage event. */
  readonly model: string;
}

/** Seconds until a starting instance is worth another try. */
const STARTING_RETRY_SECONDS = 5;

/**
 * Resolves the `model` of a `/v1` call: the id exists (404), the account owns it (401), the name fits (404), kind and
 * category fit (400), it runs (404, 503, 402), it has a price (402) — in this order, so that a stranger learns nothing
 * but that he is one.
 */
export function resolveModel(state: RouterState, accountId: string, model: string, category: Category): Outcome<Target> {
  const id = parseModelId(model);
  switch (id?.kind) {
    case undefined:
      return unknownModel(model);
    case 'platform':
      return resolvePlatformModel(state, id.platformModelId, category);
    case 'instance': {
      const instance = state.instances.get(String(id.instanceId));
      if (instance?.kind !== 'own') return unknownModel(model);
      if (instance.account_id !== accountId) return notOwned();
      if (instance.model_name !== id.name) return unknownModel(model);
      if (!instance.openai_compatible) return refused('wrong_instance_kind', customUrlHint(instance), { param: 'model' });
      if (instance.category !== category) return wrongCategory(instance, category);
      const refusal = refusalOfState(instance, 'model_not_found');
      return refusal ?? ok(targetOf(state, instance, null, model));
    }
    default:
      return assertNever(id);
  }
}

/** Resolves a call to an instance's custom path, by the same order of checks. */
export function resolveInstance(state: RouterState, accountId: string, instanceId: number | undefined): Outcome<Target> {
  const instance = instanceId === undefined ? undefined : state.instances.get(String(instanceId));
  if (instance?.kind !== 'own') return refused('instance_not_found', 'there is no such instance');
  if (instance.account_id !== accountId) return notOwned();
  if (instance.custom_api_path === null) {
    return refused(
      'wrong_instance_kind',
      `instance ${instance.instance_id} is OpenAI-compatible and has no custom path: call /v1 with model "${instance.model_name}:${instance.instance_id}"`,
    );
  }
  const refusal = refusalOfState(instance, 'instance_not_found');
  return refusal ?? ok(targetOf(state, instance, null, `${instance.model_name}:${instance.instance_id}`));
}

function resolvePlatformModel(state: RouterState, platformModelId: string, category: Category): Outcome<Target> {
  const model = state.platformModels.get(platformModelId);
  if (model?.status !== 'active') return unknownModel(platformModelId);
  const instance = state.instances.get(String(model.instance_id));
  if (instance === undefined) return unknownModel(platformModelId);
  if (model.category !== category) return wrongCategory(instance, category);
  const refusal = refusalOfState(instance, 'model_not_found');
  if (refusal !== undefined) return refusal;
  const target = targetOf(state, instance, platformModelId, platformModelId);
  if (!target.prices.isPriced)
    return refused('model_not_priced', `the platform model ${platformModelId} has no price yet and cannot be called`, {
      param: 'model',
    });
  return ok(target);
}

function targetOf(state: RouterState, instance: InstanceRecord, platformModelId: string | null, model: string): Target {
  const priceTarget =
    platformModelId === null ? priceTargetOfInstance(instance.instance_id) : priceTargetOfPlatformModel(platformModelId);
  return {
    instance,
    platformModelId,
    servedModelName: instance.served_model_name ?? platformModelId ?? instance.model_name,
    prices: state.pricesOf(priceTarget),
    model,
  };
}

function unknownModel(model: string): Outcome<never> {
  return refused(
    'model_not_found',
    `unknown model or instance id: ${model.slice(0, 200)}; check the spelling and that the instance is still running`,
    { param: 'model' },
  );
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

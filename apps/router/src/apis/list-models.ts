import {
  formatModelId,
  type InstanceRecord,
  type KeyState,
  nanoUsdToUsdLiteral,
  type PlatformModelRecord,
  priceTargetOfPlatformModel,
} from '@ecolink/contracts';
import type { Exchange } from '../listen/exchange.js';
import type { RouterState } from '../state/router-state.js';
import { admitCaller } from '../admission/admit-caller.js';
import { allowanceOf, refuseTarget } from '../admission/key-allowance.js';
import { type RouterContext, refuse } from '../call/router-context.js';

const MS_PER_SECOND = 1_000;

interface ListedModel {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
}

/**
 * `GET /v1/models`: active platform models and the account's running OpenAI-compatible instances, those of them that the
 * key's limits allow. No balance is needed.
 */
export function listModels(plane: RouterContext, exchange: Exchange): void {
  const caller = admitCaller(plane, exchange);
  if (caller.kind === 'refused') return refuse(plane, exchange, caller.refusal);
  exchange.sendJson(200, JSON.stringify({ object: 'list', data: modelsOf(plane.state, caller.value.key) }));
}

/** `GET /v1/models/{id}`; the id may hold slashes, encoded or not. */
export function getModel(plane: RouterContext, exchange: Exchange, encodedId: string): void {
  const caller = admitCaller(plane, exchange);
  if (caller.kind === 'refused') return refuse(plane, exchange, caller.refusal);
  const id = decode(encodedId);
  const model = modelsOf(plane.state, caller.value.key).find((candidate) => candidate.id === id);
  if (model === undefined)
    return refuse(plane, exchange, { code: 'model_not_found', message: `unknown model: ${id.slice(0, 200)}`, param: 'model' });
  exchange.sendJson(200, JSON.stringify(model));
}

/** `GET /platform/models`: public. Prices are JSON numbers in USD, exact, which `JSON.stringify` cannot write. */
export function listPlatformModels(plane: RouterContext, exchange: Exchange): void {
  const offered = [...plane.state.platformModels.values()].filter(({ deleted }) => deleted !== true);
  const models = offered.sort((left, right) => (left.platform_model_id < right.platform_model_id ? -1 : 1));
  exchange.sendJson(200, `[${models.map((model) => platformModelJson(plane.state, model)).join(',')}]`);
}

function modelsOf(state: RouterState, key: KeyState): ListedModel[] {
  const allowance = allowanceOf(key);
  const isAllowed = (instance: InstanceRecord, platformModelId: string | null): boolean =>
    refuseTarget(allowance, { instance, platformModelId, endpoint: undefined }) === undefined;
  const platform = [...state.platformModels.values()]
    .filter((model) => {
      if (model.status !== 'active') return false;
      const instance = state.instances.get(String(model.instance_id));
      return allowance === undefined || (instance !== undefined && isAllowed(instance, model.platform_model_id));
    })
    .map(listedPlatformModel);
  const own = state
    .instancesOf(key.account_id)
    .filter((instance) => instance.state === 'running' && instance.openai_compatible && isAllowed(instance, null));
  return [
    ...platform.sort((left, right) => (left.id < right.id ? -1 : 1)),
    ...own.sort((left, right) => left.instance_id - right.instance_id).map(listedInstance),
  ];
}

function listedPlatformModel(model: PlatformModelRecord): ListedModel {
  return { id: model.platform_model_id, object: 'model', created: secondsOf(model.created_at), owned_by: 'ecolink' };
}

function listedInstance(instance: InstanceRecord): ListedModel {
  return {
    id: formatModelId(instance.model_name, instance.instance_id),
    object: 'model',
    created: secondsOf(instance.created_at),
    owned_by: instance.account_id ?? 'ecolink',
  };
}

function platformModelJson(state: RouterState, model: PlatformModelRecord): string {
  const prices = state.prices.get(priceTargetOfPlatformModel(model.platform_model_id))?.prices ?? {};
  const fields: [string, string][] = [
    ['model_id', JSON.stringify(model.platform_model_id)],
    ['display_name', JSON.stringify(model.display_name)],
    ['category', JSON.stringify(model.category)],
    ['status', JSON.stringify(model.state ?? (model.status === 'active' ? 'active' : 'disabled'))],
    ['context_length', JSON.stringify(model.context_length)],
    ['input_price_per_1m_tokens', usd(prices.input_nano_usd_per_1m_tokens)],
    ['output_price_per_1m_tokens', usd(prices.output_nano_usd_per_1m_tokens)],
  ];
  return `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
}

function usd(nanoUsd: string | undefined): string {
  return nanoUsd === undefined ? 'null' : nanoUsdToUsdLiteral(BigInt(nanoUsd));
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / MS_PER_SECOND);
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

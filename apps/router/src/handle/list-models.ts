import {
  formatModelId,
  type InstanceRecord,
  nanoUsdToUsdLiteral,
  type PlatformModelRecord,
  priceTargetOfPlatformModel,
} from '@ecolink/contracts';
import type { Exchange } from '../http/exchange.js';
import type { RouterState } from '../state/router-state.js';
import { admitCaller } from './admit-caller.js';
import { type DataPlane, refuse } from './data-plane.js';

const MS_PER_SECOND = 1_000;

interface ListedModel {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
}

/** `GET /v1/models`: active platform models and the account's running OpenAI-compatible instances. No balance is needed. */
export function listModels(plane: DataPlane, exchange: Exchange): void {
  const caller = admitCaller(plane, exchange);
  if (caller.kind === 'refused') return refuse(plane, exchange, caller.refusal);
  exchange.sendJson(200, JSON.stringify({ object: 'list', data: modelsOf(plane.state, caller.value.key.account_id) }));
}

/** `GET /v1/models/{id}`; the id may hold slashes, encoded or not. */
export function getModel(plane: DataPlane, exchange: Exchange, encodedId: string): void {
  const caller = admitCaller(plane, exchange);
  if (caller.kind === 'refused') return refuse(plane, exchange, caller.refusal);
  const id = decode(encodedId);
  const model = modelsOf(plane.state, caller.value.key.account_id).find((candidate) => candidate.id === id);
  if (model === undefined)
    return refuse(plane, exchange, { code: 'model_not_found', message: `unknown model: ${id.slice(0, 200)}`, param: 'model' });
  exchange.sendJson(200, JSON.stringify(model));
}

/** `GET /platform/models`: public. Prices are JSON numbers in USD, exact, which `JSON.stringify` cannot write. */
export function listPlatformModels(plane: DataPlane, exchange: Exchange): void {
  const models = [...plane.state.platformModels.values()].sort((left, right) =>
    left.platform_model_id < right.platform_model_id ? -1 : 1,
  );
  exchange.sendJson(200, `[${models.map((model) => platformModelJson(plane.state, model)).join(',')}]`);
}

function modelsOf(state: RouterState, accountId: string): ListedModel[] {
  const platform = [...state.platformModels.values()].filter((model) => model.status === 'active').map(listedPlatformModel);
  const own = state.instancesOf(accountId).filter((instance) => instance.state === 'running' && instance.openai_compatible);
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
    ['status', JSON.stringify(model.status)],
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

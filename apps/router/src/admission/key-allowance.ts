import {
  type InstanceRecord,
  type IpNetwork,
  isInNetwork,
  type KeyState,
  parseIpAddress,
  parseIpNetwork,
  type Refusal,
} from '@ecolink/contracts';

/** The limits of a key, ready to be looked up. A list that is undefined does not limit; an empty one allows nothing. */
export interface KeyAllowance {
  readonly instances: ReadonlySet<number> | undefined;
  readonly models: ReadonlySet<string> | undefined;
  readonly endpoints: ReadonlySet<string> | undefined;
  readonly regions: ReadonlySet<string> | undefined;
  readonly networks: readonly IpNetwork[] | undefined;
}

/** What a call is for, as far as limits go. */
export interface LimitedTarget {
  readonly instance: InstanceRecord;
  readonly platformModelId: string | null;
  /** Undefined where only what can be called is asked for. */
  readonly endpoint: string | undefined;
}

const compiled = new WeakMap<KeyState, KeyAllowance>();

/** Compiles the limits of a key when it arrives, so that its calls find them ready. Gives the key back. */
export function compileAllowance(key: KeyState): KeyState {
  if (key.allow !== undefined) compiled.set(key, allowanceFrom(key.allow));
  return key;
}

/** Undefined for a key without limits. */
export function allowanceOf(key: KeyState): KeyAllowance | undefined {
  if (key.allow === undefined) return undefined;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  return compiled.get(compileAllowance(key));
}

/** 403 for a call from outside of the key's networks; `addressOf` is asked only where there are any. */
export function refuseNetwork(key: KeyState, addressOf: () => string): Refusal | undefined {
  const networks = allowanceOf(key)?.networks;
  if (networks === undefined) return undefined;
  const address = parseIpAddress(addressOf());
  if (address !== undefined && networks.some((network) => isInNetwork(address, network))) return undefined;
  return notAllowed('may not be used from this network address');
}

/** 403 for a target that the key's lists leave out. The account owns it or it is a platform model: nothing foreign is told. */
export function refuseTarget(allowance: KeyAllowance | undefined, target: LimitedTarget): Refusal | undefined {
  if (allowance === undefined) return undefined;
  const { instance, platformModelId, endpoint } = target;
  const { instances, models, endpoints, regions } = allowance;
  if (instances !== undefined && (platformModelId !== null || !instances.has(instance.instance_id)))
    return notAllowed('may not call this instance');
  if (models !== undefined && !namesOf(target).some((name) => models.has(name))) return notAllowed('may not call this model');
  if (endpoints !== undefined && endpoint !== undefined && !endpoints.has(endpoint))
    return notAllowed('may not use this endpoint');
  if (regions !== undefined && !instance.deployments.some(({ region }) => regions.has(region)))
    return notAllowed('may not be served in any region that this model runs in');
  return undefined;
}

function namesOf({ instance, platformModelId }: LimitedTarget): readonly string[] {
  return platformModelId === null ? [instance.model_name, `${instance.model_name}:${instance.instance_id}`] : [platformModelId];
}

function notAllowed(what: string): Refusal {
  return { code: 'key_not_allowed', message: `the limits of this key do not allow it: it ${what}` };
}

function allowanceFrom(allow: NonNullable<KeyState['allow']>): KeyAllowance {
  const setOf = <Item>(list: readonly Item[] | undefined): ReadonlySet<Item> | undefined =>
    list === undefined ? undefined : new Set(list);
  return {
    instances: setOf(allow.instances),
    models: setOf(allow.models),
    endpoints: setOf(allow.endpoints),
    regions: setOf(allow.regions),
    // One that does not parse allows nothing.
    networks: allow.networks?.map(parseIpNetwork).filter((network) => network !== undefined),
  };
}

import { ApiError, type InstanceDefinition, type UpdateInstance } from '@ecolink/contracts';
import { isExternal, type StoredInstance } from '../instances/instance.js';

/** What pods are started with: running ones have to be replaced for it. */
const POD_FIELDS = ['image', 'args', 'env', 'gpu_type', 'gpu_count'] as const;

/** The definition after a change. Throws where the change is not possible for this instance as it stands. */
export function planRevision(instance: StoredInstance, before: InstanceDefinition, change: UpdateInstance): InstanceDefinition {
  refuseFields(instance, change);
  refuseState(instance, before, change);
  const { env, expected_revision: _expected, ...named } = change;
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return { ...before, ...given, ...(env === undefined ? {} : { env_names: Object.keys(env ?? {}) }) };
}

function refuseFields(instance: StoredInstance, change: UpdateInstance): void {
  if (change.custom_api_path === null && !instance.openaiCompatible)
    throw refused('custom_api_path', 'is required where openai_compatible is false');
  if (isExternal(instance)) {
    const field = [...POD_FIELDS, 'replicas' as const].find((name) => change[name] !== undefined);
    if (field !== undefined) throw refused(field, 'servers that already run are not started here; replace its pods instead');
    return;
  }
  if (instance.pinnedRegion === null || change.replicas === undefined) return;
  const where = `the model's filesystem is in ${instance.pinnedRegion}`;
  if (Object.keys(change.replicas).some((region) => region !== instance.pinnedRegion))
    throw refused('regions', `${where}, so it can run only there; \`replicas\` names another region`);
  if ((change.replicas[instance.pinnedRegion] ?? 1) > 1) throw refused('replicas', `${where}: it runs as one replica`);
}

function refuseState(instance: StoredInstance, before: InstanceDefinition, change: UpdateInstance): void {
  const { id, revision, lifecycle } = instance;
  if (change.expected_revision !== undefined && change.expected_revision !== revision)
    throw new ApiError('invalid_state', `instance ${id} is at revision ${revision} by now`, { param: 'expected_revision' });
  if (lifecycle.desiredState === 'terminated') throw new ApiError('invalid_state', `instance ${id} is terminated`);
  const hasPods = lifecycle.desiredState === 'running' || lifecycle.state === 'stopping';
  if (isExternal(instance) || !hasPods) return;
  const field = POD_FIELDS.find((name) => change[name] !== undefined);
  if (field !== undefined) throw cannotRoll(instance, field);
  if (change.replicas !== undefined && growsAnywhere(before.replicas, change.replicas))
    throw new ApiError('invalid_state', `instance ${id} can only shrink while it runs; stop it to add replicas`, {
      param: 'replicas',
    });
}

function cannotRoll({ id, deployments }: StoredInstance, param: string): ApiError {
  const drivers = [...new Set(deployments.map(({ driver }) => driver))].join(', ');
  const message = `the driver ${drivers} cannot roll running pods to another ${param} yet; stop instance ${id} first`;
  return new ApiError('invalid_state', message, { param });
}

function growsAnywhere(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): boolean {
  return Object.entries(after).some(([region, count]) => count > (before[region] ?? 0));
}

function refused(param: string, message: string): ApiError {
  return new ApiError('invalid_request', `${param}: ${message}`, { param });
}

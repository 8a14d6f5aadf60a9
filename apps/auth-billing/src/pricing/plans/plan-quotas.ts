import { type PlanQuotas } from '@ecolink/contracts';

export interface PlanQuotaColumns {
  readonly maxKeys: number;
  readonly maxModels: number;
  readonly maxInstances: number;
  readonly maxPods: number;
  readonly maxMembers: number;
  readonly maxInvites: number;
  readonly maxChannels: number;
  readonly maxSessions: number;
}

export function toPlanQuotas(row: PlanQuotaColumns): PlanQuotas {
  return {
    max_keys: row.maxKeys,
    max_models: row.maxModels,
    max_instances: row.maxInstances,
    max_pods: row.maxPods,
    max_members: row.maxMembers,
    max_invites: row.maxInvites,
    max_channels: row.maxChannels,
    max_sessions: row.maxSessions,
  };
}

export function toQuotaColumns(quotas: PlanQuotas): PlanQuotaColumns {
  return {
    maxKeys: quotas.max_keys,
    maxModels: quotas.max_models,
    maxInstances: quotas.max_instances,
    maxPods: quotas.max_pods,
    maxMembers: quotas.max_members,
    maxInvites: quotas.max_invites,
    maxChannels: quotas.max_channels,
    maxSessions: quotas.max_sessions,
  };
}

import type { InstanceRecord } from '@ecolink/contracts';

/** A running chat instance of `acc_owner`, without pods. Its version is what publishes it: add one where the record is published as it is. */
export function instanceRecord(overrides: Partial<Omit<InstanceRecord, 'version'>> = {}): Omit<InstanceRecord, 'version'> {
  return {
    instance_id: 1,
    kind: 'own',
    account_id: 'acc_owner',
    platform_model_id: null,
    model_id: 'mdl_1',
    model_name: 'my-llama',
    served_model_name: null,
    category: 'chat',
    openai_compatible: true,
    custom_api_path: null,
    inject_stream_usage: true,
    state: 'running',
    desired_state: 'running',
    degraded: false,
    termination_reason: null,
    pinned_region: null,
    deployments: [],
    created_at: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

/** An account as the API tells it, for tests of pages: a little of everything that a page shows differently. */
const at = '2026-11-30T09:20:04.000Z';

function instance(id: number, name: string, over: Record<string, unknown> = {}): Record<string, unknown> {
  const pod = (region: string, healthy = true) => ({
    id: `pod_${id}${region}`,
    state: 'ready',
    healthy,
    since: at,
    reason: null,
  });
  return {
    id,
    model: `${name}:${id}`,
    model_id: 'mdl_1',
    name,
    category: 'chat',
    openai_compatible: true,
    custom_api_path: null,
    health_path: null,
    inject_stream_usage: true,
    strategy: 'round_robin',
    gpu_type: 'L4',
    gpu_count: 1,
    image: 'vllm/vllm-openai:v0.14',
    args: [],
    regions: ['mv', 'fra'],
    state: 'running',
    desired_state: 'running',
    degraded: false,
    status_reason: null,
    termination_reason: null,
    actions: ['stop', 'terminate'],
    deployments: ['mv', 'fra'].map((region) => ({ region, pods: [pod(region)] })),
    prices: {},
    hourly_rate_nano_usd: '400000000',
    hold_nano_usd: '19200000000',
    cycle_ends_at: at,
    created_at: at,
    ...over,
  };
}

export const me = {
  user: { id: 'usr_1', email: 'mira@northwind.example', name: 'Mira Okafor', totp_enabled: false },
  accounts: [
    { id: 'acc_1', name: 'Northwind AI', role: 'owner' },
    { id: 'acc_2', name: 'Contoso', role: 'member' },
  ],
  active_account_id: 'acc_1',
};

export const instances = [
  instance(142, 'my-llama'),
  instance(157, 'qwen-coder', {
    degraded: true,
    status_reason: 'fra pod down, 2 min',
    deployments: [
      { region: 'mv', pods: [{ id: 'pod_a', state: 'ready', healthy: true, since: at, reason: null }] },
      { region: 'fra', pods: [{ id: 'pod_b', state: 'ready', healthy: false, since: at, reason: 'connection refused twice' }] },
    ],
  }),
  instance(149, 'bge-m3', {
    category: 'embedding',
    gpu_type: null,
    gpu_count: null,
    hourly_rate_nano_usd: '0',
    hold_nano_usd: '0',
  }),
  instance(160, 'whisper-large', {
    category: 'audio',
    state: 'starting',
    status_reason: 'loading weights, 1 min 12 s',
    deployments: [{ region: 'mv', pods: [{ id: 'pod_c', state: 'starting', healthy: false, since: at, reason: null }] }],
  }),
  instance(131, 'legacy-rank', { openai_compatible: false, custom_api_path: 'generate' }),
  instance(151, 'sdxl-turbo', { category: 'image', state: 'stopped', desired_state: 'stopped', actions: ['start', 'terminate'] }),
  instance(128, 'doc-vlm', { state: 'terminated', termination_reason: 'credit_depleted', actions: [], deployments: [] }),
];

export const platformModels = [
  {
    model_id: 'meta-llama/Llama-3.1-8B-Instruct',
    display_name: 'Llama 3.1 8B',
    category: 'chat',
    status: 'active',
    context_length: 131_072,
    input_price_per_1m_tokens: 0.05,
    output_price_per_1m_tokens: 0.08,
  },
];

export const billing = {
  balance_nano_usd: '41274335150',
  held_nano_usd: '64800000000',
  holds: [
    { instance_id: 142, hold_nano_usd: '38400000000', used_nano_usd: '0' },
    { instance_id: 157, hold_nano_usd: '45600000000', used_nano_usd: '19200000000' },
  ],
  month_cost_nano_usd: '1288400000000',
  month_calls: 918_204,
  month_tokens: 12_000_000,
  burn_rate_nano_usd_per_hour: '1800000000',
  runs_out_at: null,
};

export const models = [
  {
    id: 'mdl_1',
    name: 'my-llama',
    category: 'chat',
    source: { kind: 'huggingface', repo: 'meta-llama/Llama-3.1-8B-Instruct', revision: 'main', has_token: false },
    served_model_name: 'my-llama',
    created_at: at,
  },
];

export const gpuTypes = ['L4', 'L40S', 'H100'].map((name, index) => ({
  name,
  hourly_rate_nano_usd: String([400_000_000, 950_000_000, 3_200_000_000][index]),
  capacity: [
    { region: 'mv', gpus: 16, gpus_free: 12 - index * 4 },
    { region: 'fra', gpus: 16, gpus_free: 8 - index * 4 },
  ],
}));

export const regions = [
  { region: 'mv', name: 'Mountain View', state: 'active', healthy: true },
  { region: 'fra', name: 'Frankfurt', state: 'active', healthy: true },
];

export const notifications = [
  {
    id: 'ntf_1',
    kind: 'balance',
    severity: 'critical',
    title: 'The balance runs out in about 38 min',
    text: 'At $1.80 per hour it reaches $0.00 at 14:48.',
    subject: { kind: 'account', id: 'acc_1' },
    created_at: at,
    read_at: null,
  },
  {
    id: 'ntf_2',
    kind: 'instance',
    severity: 'warning',
    title: 'doc-vlm:128 was terminated',
    text: 'Credit was used up. This is final.',
    subject: { kind: 'instance', id: '128' },
    created_at: at,
    read_at: at,
  },
];

export const events = [
  {
    id: 'evt_1',
    kind: 'pod_ready',
    from_state: 'starting',
    to_state: 'running',
    desired_state: 'running',
    degraded: false,
    reason: 'both pods ready after 2 min 41 s',
    occurred_at: at,
  },
];

function apiKey(id: string, name: string, over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    account_id: 'acc_1',
    name,
    prefix: 'eco_7fQ2xB',
    source_tag: null,
    scopes: ['inference'],
    allow: null,
    status: 'active',
    created_by: 'usr_1',
    created_at: at,
    expires_at: null,
    revoked_at: null,
    rotated_at: null,
    earlier_secrets_serve_until: null,
    last_used_at: null,
    ...over,
  };
}

export const apiKeys = [
  apiKey('key_1', 'production-api', { source_tag: 'prod', last_used_at: at }),
  apiKey('key_2', 'ci-render', { allow: { models: ['my-llama'], networks: ['203.0.113.0/24'] }, expires_at: at }),
  apiKey('key_3', 'terraform', { scopes: ['inference', 'management'], rotated_at: at, earlier_secrets_serve_until: at }),
  apiKey('key_4', 'jonas-laptop', { status: 'expired', expires_at: at }),
];

function member(id: string, email: string, name: string | null, role: string): Record<string, unknown> {
  return { id, user_id: id, email, name, role, totp_enabled: role === 'owner', joined_at: at, last_seen_at: at };
}

export const members = [
  member('usr_1', 'mira@northwind.example', 'Mira Okafor', 'owner'),
  member('usr_2', 'tomas@northwind.example', 'Tomás Lindqvist', 'member'),
  member('usr_3', 'jonas@northwind.example', null, 'member'),
];

export const invites = [
  {
    id: 'inv_1',
    role: 'member',
    url: 'https://ai.northwind.example/console/invite/inv_8Kq2TnVb7Yd0',
    token: 'inv_8Kq2TnVb7Yd0',
    created_by: 'usr_1',
    created_at: at,
    expires_at: at,
  },
];

const channel = { notifications: null, status: 'active', status_reason: null, created_by: 'usr_1', created_at: at };

export const alertChannels = [
  { ...channel, id: 'chn_1', kind: 'email', address: 'ops@northwind.example', url: null },
  {
    ...channel,
    id: 'chn_2',
    kind: 'webhook',
    address: null,
    url: 'https://hooks.northwind.example/ecolink',
    notifications: ['balance_low', 'instance_terminated'],
    status: 'disabled',
    status_reason: 'it answered 410',
  },
];

export const auditLog = [
  {
    id: 'aud_1',
    at,
    actor: { kind: 'user', id: 'usr_1', name: 'mira@northwind.example' },
    action: 'api_key.created',
    target: 'key_1',
    before: null,
    after: { name: 'production-api' },
    request_id: 'req_0000000000000001',
  },
];

export function list<Item extends { readonly id?: unknown }>(data: readonly Item[]): Record<string, unknown> {
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false };
}

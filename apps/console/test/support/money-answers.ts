import { list } from './fixtures.js';

const at = '2026-11-30T09:20:04.481Z';
const DAY_MS = 86_400_000;
const units = {
  calls: 1_200,
  input_tokens: 96_000,
  cached_input_tokens: 512,
  output_tokens: 42_000,
  images: 0,
  audio_milliseconds: 0,
  video_milliseconds: 0,
};

/** Ten days that end today, two models a day. */
function usage() {
  const to = new Date();
  const rows = Array.from({ length: 10 }, (_, index) => new Date(to.getTime() - index * DAY_MS).toISOString().slice(0, 10));
  const data = rows.flatMap((day, index) =>
    ['meta-llama/Llama-3.1-8B-Instruct', 'my-llama:142'].map((model, which) => ({
      ...{ ...units, day, model },
      cost_nano_usd: String(1_000_000_000 * (index + 1) + 155_150 * which),
    })),
  );
  const cost = data.reduce((sum, { cost_nano_usd }) => sum + BigInt(cost_nano_usd), 0n);
  return {
    object: 'list',
    from: new Date(to.getTime() - 9 * DAY_MS).toISOString(),
    to: to.toISOString(),
    group_by: ['day', 'model'],
    time_zone: 'UTC',
    data,
    totals: { ...units, cost_nano_usd: String(cost) },
    truncated: false,
  };
}

const transactions = Array.from({ length: 100 }, (_, index) => ({
  id: `txn_${index}`,
  account_id: 'acc_1',
  created_at: at,
  type: index % 4 === 0 ? 'topup' : index % 4 === 1 ? 'hold' : 'api_usage',
  amount_nano_usd: index % 4 === 0 ? '25000000000' : '-155150',
  balance_after_nano_usd: '41274335150',
  description: index % 4 === 1 ? 'my-llama:142 · 24 h × $0.80' : '1,200 calls',
  instance_id: index % 4 === 1 ? 142 : null,
}));

function request(id: number, over: Record<string, unknown> = {}) {
  return {
    id: `req_${id}`,
    started_at: at,
    key_id: 'key_1',
    model: 'my-llama:142',
    endpoint: '/v1/chat/completions',
    status: 200,
    code: null,
    outcome: 'completed',
    region: 'fra',
    attempts: [
      { region: 'mv', outcome: 'failed', code: 'connect_failed', started_ms: 1, duration_ms: 41 },
      { region: 'fra', outcome: 'answered', code: '200', started_ms: 42, duration_ms: 4_158 },
    ],
    ttft_ms: 231,
    duration_ms: 4_200,
    units: { requests: 1, input_tokens: 742, cached_input_tokens: 512, output_tokens: 301 },
    estimated: false,
    cost_nano_usd: '0',
    source_tag: 'prod',
    instance_id: 142,
    platform_model_id: null,
    ...over,
  };
}

const refused = { attempts: [], region: null, ttft_ms: null, units: null, outcome: 'refused', duration_ms: 1 };
const requests = Array.from({ length: 60 }, (_, index) =>
  request(index + 1, index % 5 === 2 ? { ...refused, status: 429, code: 'rate_limit_exceeded' } : {}),
);

function histogram() {
  const now = Date.now();
  const data = Array.from({ length: 60 }, (_, index) => ({
    at: new Date(now - index * 60_000).toISOString(),
    outcome: index % 9 === 0 ? 'failed' : index % 5 === 0 ? 'refused' : 'completed',
    count: 10 + ((index * 7) % 13),
  }));
  return {
    object: 'list',
    from: new Date(now - 3_600_000).toISOString(),
    to: new Date(now).toISOString(),
    step_seconds: 60,
    data,
  };
}

const key = { id: 'key_1', name: 'production-api', prefix: 'eco_2HnA', status: 'active' };
const budget = {
  id: 'bud_1',
  scope: { kind: 'key', id: 'key_1' },
  period: 'month',
  limit_nano_usd: '50000000000',
  raised_nano_usd: '0',
  spent_nano_usd: '46000000000',
  window_started_at: at,
  window_ends_at: at,
  created_at: at,
};

/** What the pages of money and requests ask for. */
export const MONEY_ANSWERS: readonly (readonly [string, () => unknown])[] = [
  ['GET /api/v1/billing/usage', usage],
  ['GET /api/v1/billing/transactions', () => list(transactions)],
  ['GET /api/v1/billing/card', () => ({ brand: 'Visa', last4: '4242', setup_url: null })],
  [
    'GET /api/v1/billing/auto-recharge',
    () => ({ enabled: true, threshold_nano_usd: '10000000000', amount_nano_usd: '25000000000' }),
  ],
  ['GET /api/v1/budgets', () => list([budget])],
  ['GET /api/v1/members', () => list([])],
  ['GET /api/v1/api-keys', () => list([key])],
  ['GET /api/v1/requests', () => ({ ...list(requests), counted_refusals: 0, searched_to: null })],
  ['GET /api/v1/requests/histogram', histogram],
  ['GET /api/v1/requests/req_1', () => request(1)],
];

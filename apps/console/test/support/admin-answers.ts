import { instances, list } from './fixtures.js';
import { json, refuse, type StandIn } from './stand-in.js';

export const OPERATOR_TOKEN = 'adm_test';
const at = '2026-11-30T09:20:04.000Z';

const region = (code: string, name: string, over: Record<string, unknown> = {}) => ({
  id: code,
  region: code,
  name,
  state: 'active',
  healthy: true,
  gateway_url: `http://gateway-${code}:7070`,
  driver: 'kubernetes',
  driver_config: {},
  gateway_contacted_at: at,
  created_at: at,
  ...over,
});

const plan = {
  id: 'standard',
  name: 'standard',
  requests_per_minute: 600,
  tokens_per_minute: null,
  concurrent_requests: 64,
  max_keys: 100,
  max_models: 200,
  max_instances: 50,
  max_pods: 256,
  max_members: 100,
  max_invites: 100,
  max_channels: 20,
  max_sessions: 20,
};

const account = {
  id: 'acc_1',
  name: 'Northwind AI',
  balance_nano_usd: '41274335150',
  plan: 'standard',
  status: 'active',
  owners: ['ada@northwind.example'],
  created_at: at,
};

const transaction = (id: string, type: string, amount: string) => ({
  id,
  account_id: 'acc_1',
  created_at: at,
  type,
  amount_nano_usd: amount,
  balance_after_nano_usd: '41274335150',
  description: 'my-llama:142',
  instance_id: 142,
});

const ANSWERS: Readonly<Record<string, unknown>> = {
  accounts: list([account]),
  instances: list(instances.map((instance) => ({ ...instance, id: instance['id'], account_id: 'acc_1' }))),
  regions: list([
    region('mv', 'Mountain View'),
    region('fra', 'Frankfurt', { healthy: false }),
    region('lab', 'Lab', { state: 'draining' }),
  ]),
  plans: list([plan]),
  'audit-log': list([
    {
      id: 'aud_1',
      at,
      admin_name: 'ops-oncall',
      service: 'auth-billing',
      method: 'POST',
      path: '/admin/v1/accounts/acc_1/credits',
      status: 201,
    },
  ]),
};

/** Lets the stand-in answer the reading calls of operators, for those that carry the token. */
export function answerOperators(standIn: StandIn): void {
  for (const [path, answer] of Object.entries(ANSWERS)) {
    standIn.answers.set(`GET /admin/v1/${path}`, (request, response) => {
      if (request.headers.authorization === `Bearer ${OPERATOR_TOKEN}`) json(response, answer);
      else refuse(response, 401, 'invalid_credentials', 'an operator token is needed');
    });
  }
}

export const creditedTransaction = transaction('txn_3', 'admin_correction', '12500000000');

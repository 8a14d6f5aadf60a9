import { waitFor } from '@ecolink/testing';
import { type Outcome, type Role, ROLES, ROUTE_ROWS } from './route-rows.js';
import { type RunningServices, startServices } from './running-services.js';

process.env['LOG_LEVEL'] ??= 'silent';

const TIMEOUT_MS = 300_000;
const PASSWORD = 'correct horse battery';
const UNKNOWN_ID = 'xyz_00000000000000000000000000000000';
const UNKNOWN_INSTANCE = '999999';
/** Calls that end the session they come with. */
const ENDS_SESSION = /^DELETE \/api\/v1\/(session|me\/sessions)$/;

/** Calls whose body is looked at before the thing they name. */
const BODIES: Readonly<Record<string, object>> = {
  'PUT /api/v1/instances/{id}/pods': { pods: [{ region: 'mv', url: 'http://127.0.0.1:9' }] },
  'PATCH /api/v1/instances/{id}': { name: 'renamed' },
  'PATCH /api/v1/api-keys/{id}': { name: 'renamed' },
  'PATCH /api/v1/members/{user_id}': { role: 'owner' },
  'PATCH /api/v1/budgets/{id}': { limit_nano_usd: '1000' },
  'POST /api/v1/budgets/{id}/raise': { by_nano_usd: '1000' },
  'PATCH /api/v1/alert-channels/{id}': { status: 'active' },
};
/** What is not set up in this test is refused with 503 by whoever calls. */
const NOT_CONFIGURED = new Set(['GET /readyz', 'POST /api/v1/billing/stripe-webhook', 'POST /api/v1/billing/top-ups']);

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly isForOperators: boolean;
}

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
}

describe('who may make which call', () => {
  let services: RunningServices;
  let operations: readonly Operation[];
  const credentials = new Map<Role, Record<string, string>>();
  const things: Record<string, string> = {};

  const call = async (method: string, url: string, headers: Record<string, string>, body?: unknown) => {
    const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD';
    return fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
    });
  };

  const json = async <Body>(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Body> => {
    const answer = await call(method, `${services.url}${path}`, headers, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Body;
  };

  const signUp = async (email: string, inviteToken?: string) => {
    const body = { email, password: PASSWORD, ...(inviteToken === undefined ? {} : { invite_token: inviteToken }) };
    const answer = await call('POST', `${services.url}/api/v1/signup`, {}, body);
    const { user } = (await answer.json()) as { user: { id: string } };
    return { cookie: sessionOf(answer), userId: user.id };
  };

  const credentialsFor = async (role: Role, operation: Operation): Promise<Record<string, string>> => {
    if (ENDS_SESSION.test(operation.name)) await signInAnew(role);
    return credentials.get(role) ?? {};
  };

  const signInAnew = async (role: Role): Promise<void> => {
    if (!['owner', 'member', 'stranger'].includes(role)) return;
    const body = { email: `${role}@example.com`, password: PASSWORD };
    credentials.set(role, { cookie: sessionOf(await call('POST', `${services.url}/api/v1/session`, {}, body)) });
  };

  beforeAll(async () => {
    services = await startServices();
    const [owner, stranger] = [await signUp('owner@example.com'), await signUp('stranger@example.com')];
    const asOwner = { cookie: owner.cookie };
    const invited = await json<{ token: string }>('POST', '/api/v1/invites', asOwner, { role: 'member' });
    const member = await signUp('member@example.com', invited.token);
    const keyOf = (scope: string) =>
      json<{ id: string; key: string }>('POST', '/api/v1/api-keys', asOwner, { name: scope, scopes: [scope] });
    const [management, inference] = [await keyOf('management'), await keyOf('inference')];
    const model = await json<{ id: string }>('POST', '/api/v1/models', asOwner, {
      name: 'mine',
      category: 'chat',
      source: { kind: 'external' },
    });
    const open = await json<{ id: string; token: string }>('POST', '/api/v1/invites', asOwner, {});
    Object.assign(things, { model: model.id, key: inference.id, invite: open.id, token: open.token });
    Object.assign(things, { member: member.userId, owner: owner.userId });
    credentials.set('owner', asOwner);
    credentials.set('member', { cookie: member.cookie });
    credentials.set('stranger', { cookie: stranger.cookie });
    credentials.set('managementKey', { authorization: `Bearer ${management.key}` });
    credentials.set('inferenceKey', { authorization: `Bearer ${inference.key}` });
    credentials.set('nobody', {});
    const listed = () => call('GET', `${services.url}/v1/models`, { authorization: `Bearer ${inference.key}` });
    await waitFor(async () => (await listed()).status === 200, { timeoutMs: 60_000, what: 'the router to know the keys' });
    operations = operationsOf(await json('GET', '/openapi.json', {}));
  }, TIMEOUT_MS);
  afterAll(() => services.close());

  it('has a row for every published call, and no row for any other', () => {
    expect(operations.map(({ name }) => name).sort()).toEqual([...ROUTE_ROWS.keys()].sort());
  });

  it(
    'is as the table says, for every call and every role',
    async () => {
      const wrong: string[] = [];
      for (const operation of operations) {
        for (const role of ROLES) {
          const expected = ROUTE_ROWS.get(operation.name)?.[role] ?? 'in';
          const base = operation.isForOperators ? services.adminUrl : services.url;
          // A member may leave by its own id: what it may not do is tried on the owner.
          const named = role === 'member' ? { ...things, member: things['owner'] ?? '' } : things;
          const url = `${base}${pathFor(operation, expected, named)}`;
          const answer = await answerOf(
            await call(operation.method, url, await credentialsFor(role, operation), BODIES[operation.name] ?? {}),
          );
          if (ENDS_SESSION.test(operation.name)) await signInAnew(role);
          if (!isAsExpected(answer, expected, operation)) {
            wrong.push(`${operation.name} as ${role}: ${answer.status} ${answer.code ?? ''}, not ${expected}`);
          }
        }
      }
      expect(wrong).toEqual([]);
      process.stdout.write(`${operations.length} calls × ${ROLES.length} roles = ${operations.length * ROLES.length} checked\n`);
    },
    TIMEOUT_MS,
  );

  it(
    'has changed nothing of the account by calls that were refused',
    async () => {
      const asOwner = credentials.get('owner') ?? {};
      const idsOf = async (path: string) =>
        (await json<{ data: { id: string }[] }>('GET', path, asOwner)).data.map(({ id }) => id);
      expect(await idsOf('/api/v1/models')).toContain(things['model']);
      expect(await idsOf('/api/v1/invites')).toContain(things['invite']);
      expect(await idsOf('/api/v1/members')).toContain(things['member']);
      const key = await json<{ status: string; name: string }>('GET', `/api/v1/api-keys/${things['key'] ?? ''}`, asOwner);
      expect(key).toMatchObject({ status: 'active', name: 'inference' });
      const account = await json<{ name: string; require_mfa: boolean }>('GET', '/api/v1/account', asOwner);
      expect(account).toMatchObject({ name: 'owner', require_mfa: false });
    },
    TIMEOUT_MS,
  );
});

function sessionOf(answer: Response): string {
  const cookies = answer.headers.getSetCookie().map((text) => text.split(';')[0] ?? '');
  const session = cookies.find((cookie) => cookie.startsWith('ecolink_session='));
  if (session === undefined) throw new Error(`no session: ${answer.status}`);
  return session;
}

function operationsOf(document: { paths: Record<string, Record<string, unknown>> }): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => method !== 'servers')
      .map((method) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        isForOperators: item['servers'] !== undefined,
      })),
  );
}

/** A thing of the account where the call must not get at it, one that does not exist where it is let in and could change it. */
function pathFor({ method, path }: Operation, expected: Outcome, things: Record<string, string>): string {
  const isReal = expected !== 'in' || method === 'GET';
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (path.includes('instances/{id}')) return name === 'path' ? 'any' : UNKNOWN_INSTANCE;
    const thing = {
      '/api/v1/models': 'model',
      '/api/v1/api-keys': 'key',
      '/api/v1/invites': 'invite',
      '/api/v1/members': 'member',
    };
    const kind = name === 'token' ? 'token' : Object.entries(thing).find(([prefix]) => path.startsWith(prefix))?.[1];
    return (isReal && kind !== undefined ? things[kind] : undefined) ?? UNKNOWN_ID;
  });
}

async function answerOf(response: Response): Promise<Answer> {
  if (response.headers.get('content-type')?.includes('event-stream') === true) {
    await response.body?.cancel();
    return { status: response.status, code: undefined };
  }
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  const body = isJson ? (JSON.parse(text) as { error?: { code?: string } }) : {};
  return { status: response.status, code: body.error?.code };
}

const STATUS: Readonly<Partial<Record<Outcome, number>>> = {
  hidden: 404,
  session_required: 401,
  invalid_api_key: 401,
  invalid_credentials: 401,
  role_not_permitted: 403,
  scope_missing: 403,
};

function isAsExpected({ status, code }: Answer, expected: Outcome, operation: Operation): boolean {
  if (expected === 'in' && status === 503 && NOT_CONFIGURED.has(operation.name)) return true;
  // A wrong password is the one 401 of a call that everybody may make.
  if (expected === 'in') return status < 500 && status !== 403 && (status !== 401 || code === 'invalid_credentials');
  // Wrong operators' tokens are refused with 429 once there were many.
  if (expected === 'invalid_credentials' && status === 429) return code === 'rate_limit_exceeded';
  if (status !== STATUS[expected]) return false;
  return operation.method === 'HEAD' || expected === 'hidden' || operation.path.startsWith('/v1/messages') || code === expected;
}

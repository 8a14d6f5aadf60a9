import { type AuditRecorded, newId, TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { CloseAccounts } from '../src/accounts/close-accounts.js';
import { RegistryHarness } from './registry-harness.js';

const POD = 'http://10.1.2.3:8000';

describe('the registry', () => {
  let registry: RegistryHarness;

  beforeAll(async () => {
    registry = await RegistryHarness.start();
  }, 120_000);
  afterAll(() => registry.close());

  const auditsOf = (account: string): Promise<readonly AuditRecorded[]> => registry.events(TOPIC.auditRecorded, account);
  const tell = (account: string): Promise<void> => {
    const data = { account_id: account, deleted_at: new Date().toISOString() };
    const event = { id: newId('evt'), source: 'auth-billing', topic: TOPIC.accountDeleted, key: account };
    return registry.bus.publish([{ ...event, occurredAt: new Date(), data }]);
  };

  it('tells the account\u2019s audit log what was done to its models and instances, by whom, and no secret', async () => {
    const account = 'acc_audited';
    const model = await registry.createModel(account, {
      name: 'audited',
      source: { kind: 'huggingface', repo: 'org/repo', token: 'hf_secret' },
    });
    await registry.call(account, 'PATCH', `/api/v1/models/${model}`, { served_model_name: 'other' });
    const id = await registry.launch(account, { model_id: model, pods: [{ region: 'mv', url: POD, api_key: 'pod-secret' }] });
    for (const action of ['stop', 'stop', 'start'])
      expect((await registry.call(account, 'POST', `/api/v1/instances/${id}/${action}`)).status).toBe(200);
    await registry.call(account, 'PUT', `/api/v1/instances/${id}/pods`, { pods: [{ region: 'ga', url: `${POD}/b` }] });
    await registry.call(account, 'POST', `/api/v1/instances/${id}/terminate`);
    const refused = await registry.call(account, 'POST', `/api/v1/instances/${id}/start`);
    expect(refused.status).toBe(409);
    const other = await registry.createModel(account, { name: 'short-lived' });
    await registry.call(account, 'DELETE', `/api/v1/models/${other}`);

    const entries = await auditsOf(account);
    expect(entries.map(({ action, target }) => [action, target])).toEqual([
      ['model.created', model],
      ['model.changed', model],
      ['instance.launched', String(id)],
      ['instance.stopped', String(id)],
      ['instance.started', String(id)],
      ['instance.pods_replaced', String(id)],
      ['instance.terminated', String(id)],
      ['model.created', other],
      ['model.deleted', other],
    ]);
    expect(entries[1]).toMatchObject({ before: { served_model_name: null }, after: { served_model_name: 'other' } });
    expect(entries[3]).toMatchObject({
      actor: { kind: 'key', id: 'key_1' },
      before: { desired_state: 'running' },
      after: { desired_state: 'stopped' },
      request_id: expect.stringMatching(/^req_/) as unknown,
    });
    expect(entries[5]).toMatchObject({
      before: { pods: [{ region: 'mv', url: POD }] },
      after: { pods: [{ region: 'ga', url: `${POD}/b` }] },
    });
    expect(JSON.stringify(entries)).not.toMatch(/secret/);
  });

  it('reports to the operators\u2019 log what their calls changed', async () => {
    const account = 'acc_of_operators';
    const id = await registry.launch(account, { pods: [{ region: 'mv', url: POD }] });
    await registry.admin('PATCH', '/regions/ga', { state: 'draining' });
    await registry.admin('PATCH', '/regions/ga', { state: 'active' });
    await registry.admin('PATCH', `/instances/${id}`, { prices: { nano_usd_per_request: '5' } });
    await registry.admin('POST', `/instances/${id}/terminate`, { reason: 'abuse' });
    const audits = () => registry.authBilling.audits as Record<string, unknown>[];
    const entry = (target: string, method: string, path: RegExp) =>
      waitFor(
        () => {
          const found = audits().filter((audit) => audit['target'] === target && audit['method'] === method);
          return Promise.resolve(found.find((audit) => path.test(String(audit['path']))));
        },
        { timeoutMs: 30_000, what: `${method} of ${target}` },
      );
    expect(await entry('ga', 'PATCH', /regions/)).toMatchObject({ before: { state: 'active' }, after: { state: 'draining' } });
    expect(await entry(String(id), 'PATCH', /instances/)).toMatchObject({
      before: { prices: {} },
      after: { prices: { nano_usd_per_request: '5' } },
    });
    expect(await entry(String(id), 'POST', /terminate/)).toMatchObject({
      before: { desired_state: 'running' },
      after: { desired_state: 'terminated' },
    });
    const [last] = (await auditsOf(account)).slice(-1);
    expect(last).toMatchObject({ action: 'instance.terminated', actor: { kind: 'operator', id: 'tester' } });
  });

  it('ends what runs for a deleted account, erases what its people wrote, and refuses everything new', async () => {
    const account = 'acc_deleted';
    const external = await registry.launch(account, { name: 'of-annabella', pods: [{ region: 'mv', url: POD, api_key: 'k' }] });
    const onGpus = await registry.launch(account, { name: 'annabella-on-gpus' });
    await registry.observe(onGpus, 'mv', [{}]);
    await registry.until(account, onGpus, { state: 'running' });
    const bystander = await registry.launch('acc_bystander', { pods: [{ region: 'mv', url: 'http://10.1.2.4:8000' }] });
    await tell(account);
    await tell(account);
    await registry.until(account, external, { state: 'terminated', termination_reason: 'admin' });
    await registry.until(account, onGpus, { desired_state: 'terminated' });

    const close = registry.service.app.get(CloseAccounts);
    const row = () => registry.database.client.closedAccount.findUniqueOrThrow({ where: { accountId: account } });
    await close.sweep();
    expect((await row()).erasedAt).toBeNull();
    for (const region of ['mv', 'ga']) await registry.observe(onGpus, region, []);
    await registry.until(account, onGpus, { state: 'terminated' });
    await waitFor(
      async () => {
        await close.sweep();
        return (await row()).erasedAt ?? undefined;
      },
      { timeoutMs: 30_000, what: 'the account to be erased' },
    );

    const { client } = registry.database;
    const ids = [BigInt(external), BigInt(onGpus)];
    expect(await client.model.count({ where: { accountId: account } })).toBe(0);
    expect(await client.instanceRevision.count({ where: { instanceId: { in: ids } } })).toBe(0);
    expect(await client.deploymentPod.count({ where: { instanceId: { in: ids } } })).toBe(0);
    const instances = await client.instance.findMany({ where: { id: { in: ids } } });
    for (const instance of instances)
      expect(instance).toMatchObject({ name: 'deleted', image: null, args: [], envEncrypted: null, state: 'terminated' });
    expect(await registry.get('acc_bystander', bystander)).toMatchObject({ desired_state: 'running' });

    const late = [
      await registry.call(account, 'POST', '/api/v1/models', { name: 'late', category: 'chat', source: { kind: 'external' } }),
      await registry.call(account, 'POST', `/api/v1/instances/${external}/start`),
    ];
    expect(late.map(({ status, body }) => [status, body.error.code])).toEqual([
      [403, 'account_suspended'],
      [409, 'invalid_state'],
    ]);
  });
});

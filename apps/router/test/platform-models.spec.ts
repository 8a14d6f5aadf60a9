import type { PlatformModelRecord } from '@ecolink/contracts';
import { RouterFixture } from './support/router-fixture.js';

let fixture: RouterFixture;
const SINCE = '2026-11-01T00:00:00.000Z';

beforeAll(async () => {
  fixture = await RouterFixture.start();
  await fixture.addRegion('mv');
});
afterAll(() => fixture.close());

/** A priced platform model with a healthy pod. */
function offer(id: string, instanceId: number, fields: Partial<PlatformModelRecord>): void {
  const platform = { kind: 'platform', account_id: null, platform_model_id: id, model_name: id } as const;
  fixture.addInstance(instanceId, ['mv'], platform);
  fixture.plane.put('platformModels', {
    ...{ platform_model_id: id, instance_id: instanceId, display_name: id, category: 'chat', context_length: 4_096 },
    ...{ status: 'active', created_at: SINCE, ...fields },
  });
  fixture.plane.put('prices', { target: `platform:${id}`, prices: { nano_usd_per_request: '1' }, effective_from: SINCE });
}

it('serves active and deprecated ones and shows which they are; to calls, a disabled or deleted one is not there', async () => {
  offer('org/of-an-earlier-release', 900, {});
  offer('org/active', 901, { state: 'active' });
  offer('org/deprecated', 902, { state: 'deprecated' });
  offer('org/disabled', 903, { status: 'inactive', state: 'disabled' });
  offer('org/deleted', 904, { status: 'inactive', state: 'disabled', deleted: true });

  const served = ['org/active', 'org/deprecated', 'org/of-an-earlier-release'];
  const statuses = async (ids: readonly string[]) => Promise.all(ids.map(async (id) => (await fixture.chat(id)).status));
  expect(await statuses(served)).toEqual([200, 200, 200]);
  for (const id of ['org/disabled', 'org/deleted']) {
    const refused = await fixture.chat(id);
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([404, 'model_not_found']);
    expect((await fixture.call(`/v1/models/${id}`)).status).toBe(404);
  }
  const { data } = JSON.parse((await fixture.call('/v1/models')).text) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual(served);
  const offers = JSON.parse((await fixture.call('/platform/models')).text) as { model_id: string; status: string }[];
  expect(offers.map(({ model_id: id, status }) => [id, status])).toEqual([
    ['org/active', 'active'],
    ['org/deprecated', 'deprecated'],
    ['org/disabled', 'disabled'],
    ['org/of-an-earlier-release', 'active'],
  ]);
});

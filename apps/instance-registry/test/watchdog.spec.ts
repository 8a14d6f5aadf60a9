import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;
let aheadMs = 0;

beforeAll(async () => {
  registry = await RegistryHarness.start({ now: () => new Date(Date.now() + aheadMs) });
}, 180_000);

beforeEach(() => {
  aheadMs = 0;
});

afterAll(() => registry.close());

describe('the watchdog', () => {
  it('ends an instance whose gateway died before it could say that its pods are gone', async () => {
    const id = await registry.launch('acc_a');
    await registry.observe(id, 'mv', [{}]);
    await registry.until('acc_a', id, { state: 'running' });
    await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/terminate`);
    aheadMs = 120_000;
    await registry.sweep();
    expect((await registry.get('acc_a', id)).state).toBe('stopping');
    aheadMs = 181_000;
    await registry.sweep();
    expect((await registry.get('acc_a', id)).state).toBe('terminated');
  });

  it('says when no gateway takes an instance up, and when its pods take too long', async () => {
    const pending = await registry.launch('acc_a');
    const starting = await registry.launch('acc_a');
    await registry.observe(starting, 'mv', [{ state: 'starting', healthy: false, reason: 'pulling the image' }]);
    await registry.until('acc_a', starting, { state: 'starting' });
    aheadMs = 300_000;
    await registry.sweep();
    expect((await registry.get('acc_a', pending)).status_reason).toBe('No region gateway has reported on it yet');
    aheadMs = 605_000;
    await registry.sweep();
    expect((await registry.get('acc_a', pending)).status_reason).toBe(
      'The start was given up: "scheduled" took longer than 10 minutes',
    );
    expect((await registry.get('acc_a', starting)).status_reason).toBe(
      'No pod became healthy within 10 minutes: pulling the image',
    );
  });

  it('leaves an instance alone that somebody else is changing', async () => {
    const id = await registry.launch('acc_a');
    await registry.database.transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT 1 FROM instances WHERE id = ${BigInt(id)} FOR UPDATE`;
      aheadMs = 31_000;
      await registry.sweep();
    });
    expect((await registry.get('acc_a', id)).status_reason).toBe('Waiting for the region gateway');
  });
});

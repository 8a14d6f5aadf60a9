import { newId } from '@ecolink/contracts';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { readTableBytes } from '../src/operations/metrics/figures.store.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const CALLS = 6_000;
const BATCH = 60;
const BYTES_MAX = 1_500;
/** What stays for as long as the operator keeps it. The bus and the request log leave by themselves. */
const KEPT = ['usage_events', 'ledger_transactions', 'ledger_entries', 'usage_quarters', 'key_spend'];

it('a call leaves at most 1,500 bytes, indexes included, in what is kept', async () => {
  const service = await TestService.start();
  const postUsage = new PostUsage(service.database, () => new Date(), service.deadLetters);
  await service.setPrice('instance:142', { nano_usd_per_request: '1000' });
  const account = await service.account('10000');
  const keyId = newId('key');
  const kept = async (): Promise<number> => {
    const bytes = await readTableBytes(service.database.client);
    return KEPT.reduce((sum, table) => sum + (bytes.get(table) ?? 0), 0);
  };
  const before = await kept();
  let atMs = Date.now() - CALLS;
  for (let batch = 0; batch < CALLS / BATCH; batch += 1) {
    const events = Array.from({ length: BATCH }, () => {
      atMs += 1;
      const at = new Date(atMs).toISOString();
      return usageEvent(account, {
        ...{ event_id: newId('evt', atMs), request_id: newId('req', atMs), key_id: keyId, source: 'router/router-1' },
        ...{ started_at: at, ended_at: at },
      });
    });
    await postUsage.post(events);
  }
  const perCall = ((await kept()) - before) / CALLS;
  expect(perCall).toBeGreaterThan(500);
  expect(perCall).toBeLessThanOrEqual(BYTES_MAX);
  await service.close();
}, 120_000);

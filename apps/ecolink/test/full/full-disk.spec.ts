import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import { mountSmallFileSystem, mustSucceed, newCustomer, startProduct, stillAlive, waitFor } from '@ecolink/testing';

const MIB = 1_048_576;
const CALL_NANO_USD = 1_000n;
const FULL_FOR_MS = 15_000;
const AGAIN_TIMEOUT_MS = 120_000;
const small = mountSmallFileSystem(400 * MIB);
const onSmallDisk = small === undefined ? it.skip : it;

let pod: ModelSimulator;

beforeAll(async () => {
  pod = await startModelSimulator({ model: 'mine', ttftMs: 1, tokensPerSecond: 0 });
});
afterAll(async () => {
  await pod.close();
  small?.remove();
});

/** Takes all that is left, again and again: whatever a process gives back is gone, too. */
function keepFull(directory: string): () => void {
  let files = 0;
  const fill = (): void => {
    const { bavail, bsize } = statfsSync(directory);
    try {
      if (bavail > 0) writeFileSync(path.join(directory, `filler-${(files += 1)}`), Buffer.alloc(bavail * bsize));
    } catch {
      // Somebody was quicker.
    }
  };
  fill();
  const timer = setInterval(fill, 100);
  return () => {
    clearInterval(timer);
    for (let file = 1; file <= files; file += 1) rmSync(path.join(directory, `filler-${file}`), { force: true });
  };
}

onSmallDisk(
  'a disk that is full ends no process; what is served meanwhile is billed, and all goes on when there is room',
  async () => {
    const disk = small?.directory ?? '';
    const product = await startProduct({ dataDirectory: path.join(disk, 'data') });
    try {
      await mustSucceed(product.admin('PUT', '/plans/full-disk', { requests_per_minute: 100_000 }));
      const customer = await newCustomer(product, { plan: 'full-disk' });
      const prices = { nano_usd_per_request: String(CALL_NANO_USD) };
      const { model } = await customer.launchAndWait([{ region: 'mv', url: pod.url }], { servedModelName: 'mine', prices });
      await waitFor(async () => (await customer.chat(model)).status === 200, { timeoutMs: 30_000, what: 'the first call' });
      await delay(2_000);
      const before = await customer.balance();
      const seen = new Map<number, number>();
      const call = async (): Promise<number> => {
        const { status, body } = await customer.chat(model);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        if (status === 503) expect(body.error.code).toBe('usage_journal_full');
        return status;
      };

      const makeRoom = keepFull(disk);
      await waitFor(async () => (await call()) === 503, { timeoutMs: 60_000, what: 'a call to be refused' });
      const untilMs = Date.now() + FULL_FOR_MS;
      while (Date.now() < untilMs) {
        await call();
        await delay(100);
      }
      expect(stillAlive([product.pid])).toHaveLength(1);
      expect((await product.request('/healthz')).status).toBe(200);
      makeRoom();

      await waitFor(async () => (await call()) === 200, { timeoutMs: AGAIN_TIMEOUT_MS, what: 'calls to be served again' });
      expect([...seen.keys()].sort()).toEqual([200, 503]);
      const served = BigInt(seen.get(200) ?? 0);
      const isBilled = async () => before - (await customer.balance().catch(() => before)) === served * CALL_NANO_USD;
      await waitFor(isBilled, { timeoutMs: AGAIN_TIMEOUT_MS, intervalMs: 500, what: 'every served call to be billed' });
      expect(product.output().split('the database server ended').length - 1).toBeLessThanOrEqual(1);
    } finally {
      await product.remove();
    }
  },
  360_000,
);

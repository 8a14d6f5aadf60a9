import { type DeliveredEvent, newId } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import type { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const HOUR_MS = 3_600_000;
const ACCOUNT_CHARACTERS_LARGE = 900_000;
const PATIENCE_MS = 90_000;
const TEST_TIMEOUT_MS = 120_000;

interface Letter {
  readonly id: string;
  readonly event_id: string;
  readonly reason: string;
  readonly replayed_at: string | null;
}

/** What billing makes of events that can never be billed, on whichever engine they come. */
export function badEventsContract(start: () => Promise<TestService>): void {
  let service: TestService;

  beforeAll(async () => {
    service = await start();
    await service.setPrice('instance:142', { nano_usd_per_request: '1000' });
  }, TEST_TIMEOUT_MS);
  afterAll(() => service.close(), TEST_TIMEOUT_MS);

  const letterOf = (eventId: string) =>
    waitFor(
      async () => {
        const { body } = await service.admin<{ data: Letter[] }>('GET', '/dead-letters?limit=100');
        return body.data.find((letter) => letter.event_id === eventId);
      },
      { timeoutMs: PATIENCE_MS, what: `${eventId} among the dead letters` },
    );
  const balanceIs = (account: string, balance: string) =>
    waitFor(async () => (await service.balance(account)) === balance, {
      timeoutMs: PATIENCE_MS,
      what: `a balance of ${balance}`,
    });

  const BAD: [what: string, reason: RegExp, make: (good: DeliveredEvent) => DeliveredEvent][] = [
    [
      'of an unknown version',
      /not a usage event/,
      (good) => ({ ...good, data: { version: 2, event: { id: good.id }, account: good.key } }),
    ],
    ['that is no object', /not a usage event/, (good) => ({ ...good, data: 'half a record' })],
    ['under another key', /the key .* is not the account/, (good) => ({ ...good, key: 'acc_somebody_else' })],
    [
      'from the future',
      /in the future/,
      (good) => ({ ...good, data: { ...(good.data as object), started_at: new Date(Date.now() + 2 * HOUR_MS).toISOString() } }),
    ],
    [
      'with a unit of a later release',
      /cannot be priced by this release: pages/,
      (good) => ({ ...good, data: { ...(good.data as object), units: { requests: 1, pages: 3 } } }),
    ],
    [
      'of nearly a megabyte',
      /not a usage event/,
      (good) => ({ ...good, data: { ...(good.data as object), model: 'm'.repeat(ACCOUNT_CHARACTERS_LARGE) } }),
    ],
    [
      'of an account that is not there',
      /unknown account/,
      (good) => ({ ...good, key: 'acc_nobody', data: { ...(good.data as object), account_id: 'acc_nobody' } }),
    ],
  ];

  it.each(BAD)(
    'an event %s is quarantined with its reason, holds up nobody, and can be replayed',
    async (_what, reason, make) => {
      const account = await service.account('10000');
      const bad = make({ ...usageEvent(account), id: newId('evt') });
      await service.bus.publish([usageEvent(account), bad, usageEvent(account)]);
      await balanceIs(account, '8000');
      const letter = await letterOf(bad.id);
      expect(letter.reason).toMatch(reason);
      const replayed = await service.admin<Letter>('POST', `/dead-letters/${letter.id}/replay`);
      expect([replayed.status, typeof replayed.body.replayed_at]).toEqual([200, 'string']);
      // It is as bad as before: back among the dead letters, and the account is as it was.
      await service.bus.publish([usageEvent(account)]);
      await balanceIs(account, '7000');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'an event with a known id and another payload is quarantined and billed neither instead nor beside it',
    async () => {
      const account = await service.account('10000');
      const first = usageEvent(account);
      await service.bus.publish([first]);
      await balanceIs(account, '9000');
      await service.bus.publish([{ ...first, data: { ...first.data, units: { requests: 7 } } }, first, usageEvent(account)]);
      await balanceIs(account, '8000');
      expect((await letterOf(first.id)).reason).toMatch(/same id and another payload/);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'an event that was quarantined for want of a price is billed once when it is replayed, however often',
    async () => {
      const account = await service.account('10000');
      const early = usageEvent(account, { instance_id: null, platform_model_id: `late/${account}` });
      await service.bus.publish([early]);
      const letter = await letterOf(early.id);
      expect(letter.reason).toMatch(/has no price/);
      await service.setPrice(`platform:late/${account}`, { nano_usd_per_request: '250' });
      for (let replay = 0; replay < 3; replay += 1) await service.admin('POST', `/dead-letters/${letter.id}/replay`);
      await service.bus.publish([usageEvent(account)]);
      await balanceIs(account, '8750');
    },
    TEST_TIMEOUT_MS,
  );
}

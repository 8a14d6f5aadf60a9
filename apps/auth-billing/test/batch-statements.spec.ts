import { Database, openDatabase, type Transaction } from '@ecolink/database';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

/** Counts the statements of transactions, without BEGIN and COMMIT. */
class CountingDatabase extends Database {
  statements = 0;

  override transaction<T>(run: (transaction: Transaction) => Promise<T>): Promise<T> {
    return super.transaction((transaction) => run(this.counted(transaction)));
  }

  private counted(transaction: Transaction): Transaction {
    return new Proxy(transaction, {
      get: (target, property, receiver) => {
        if (property === '$queryRaw' || property === '$executeRaw') this.statements += 1;
        return Reflect.get(target, property, receiver) as unknown;
      },
    });
  }
}

const STATEMENTS_MAX = 14;

describe('the billing transaction', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  }, 120_000);
  afterAll(() => service.close());

  it('takes the same few statements for 500 calls of 50 accounts as for one', async () => {
    const plain = openDatabase({ url: service.database.url });
    const database = new CountingDatabase(plain.client, plain.url);
    const postUsage = new PostUsage(database, () => new Date(), service.deadLetters);
    await service.setPrice('instance:142', {
      input_nano_usd_per_1m_tokens: '50000000',
      output_nano_usd_per_1m_tokens: '80000000',
    });
    const accounts = await Promise.all(Array.from({ length: 50 }, () => service.account()));
    const batches = Number(process.env['ECOLINK_BILLING_BATCHES'] ?? '2');
    const events = Array.from({ length: batches }, () =>
      Array.from({ length: 500 }, (_, index) => usageEvent(accounts[index % 50] ?? '')),
    );
    await postUsage.post([usageEvent(accounts[0] ?? '')]);
    const ofOne = database.statements;
    database.statements = 0;
    const startedAtMs = performance.now();
    for (const batch of events) await postUsage.post(batch);
    const seconds = (performance.now() - startedAtMs) / 1_000;
    if (process.env['ECOLINK_BILLING_BATCHES'] !== undefined) {
      process.stdout.write(
        `billed ${batches * 500} calls in ${seconds.toFixed(2)} s: ${Math.round((batches * 500) / seconds)} per second, ${ofOne} statements each\n`,
      );
    }
    expect(ofOne).toBeLessThanOrEqual(STATEMENTS_MAX);
    expect(database.statements).toBe(ofOne * batches);
    await plain.close();
  }, 120_000);
});

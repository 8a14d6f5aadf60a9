import type { IdempotencyClaim, IdempotentCall, IdempotentRequest } from '@ecolink/contracts';
import { createTestDatabase, type TestDatabase } from '@ecolink/testing';
import { type Database, IdempotencyKeys, openDatabase, settleCall } from '../src/index.js';

let server: TestDatabase;
let database: Database;
let keys: IdempotencyKeys;

beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase({ url: server.url });
  keys = new IdempotencyKeys(database);
}, 180_000);

afterAll(async () => {
  await database.close();
  await server.close();
});

const request = (key: string, requestHash = 'same'): IdempotentRequest => ({ scope: 'acc_1 POST /x', key, requestHash });
const answer = { status: 201, body: { id: 'x' } };

async function claimed(key: string): Promise<IdempotentCall> {
  return callOf(await keys.claim(request(key)));
}

function callOf(claim: IdempotencyClaim): IdempotentCall {
  if (claim.kind !== 'claimed') throw new Error(`expected the call, got ${claim.kind}`);
  return claim.call;
}

const makeOlder = (key: string, seconds: number): Promise<number> =>
  database.client.$executeRaw`
    UPDATE idempotency_keys SET created_at = created_at - make_interval(secs => ${seconds}) WHERE key = ${key}`;

describe('IdempotencyKeys', () => {
  it('gives a call to exactly one of many that ask at the same time', async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, () => keys.claim(request('race'))));
    expect(claims.filter((claim) => claim.kind === 'claimed')).toHaveLength(1);
    expect(claims.filter((claim) => claim.kind === 'running')).toHaveLength(7);
  });

  it('gives the stored answer again, and refuses the key for another request', async () => {
    await keys.complete(await claimed('answered'), answer);
    expect(await keys.claim(request('answered'))).toEqual({ kind: 'answered', answer });
    expect(await keys.claim(request('answered', 'other'))).toEqual({ kind: 'reused' });
  });

  it('keeps an answer without a body apart from no answer', async () => {
    await keys.complete(await claimed('empty'), { status: 204, body: undefined });
    expect(await keys.claim(request('empty'))).toEqual({ kind: 'answered', answer: { status: 204, body: null } });
  });

  it('lets the next caller try a call that was given up', async () => {
    await keys.release(await claimed('given-up'));
    expect((await keys.claim(request('given-up'))).kind).toBe('claimed');
  });

  it('hands a call over after 60 s of silence, and never again heeds its first holder', async () => {
    const first = await claimed('silent');
    await makeOlder('silent', 50);
    expect((await keys.claim(request('silent'))).kind).toBe('running');
    await makeOlder('silent', 11);
    const second = await claimed('silent');
    await keys.complete(first, { status: 500, body: 'late' });
    await keys.release(first);
    await expect(database.transaction((transaction) => settleCall(transaction, first, answer))).rejects.toMatchObject({
      code: 'invalid_state',
    });
    expect((await keys.claim(request('silent'))).kind).toBe('running');
    await keys.complete(second, answer);
    expect(await keys.claim(request('silent'))).toEqual({ kind: 'answered', answer });
  });

  it('stores an answer with the effect or not at all', async () => {
    const call = await claimed('settled');
    const failed = database.transaction(async (transaction) => {
      await settleCall(transaction, call, answer);
      throw new Error('the commit fails');
    });
    await expect(failed).rejects.toThrow('the commit fails');
    expect((await keys.claim(request('settled'))).kind).toBe('running');
    await database.transaction((transaction) => settleCall(transaction, call, answer));
    await keys.complete(call, { status: 200, body: 'a later one' });
    await keys.release(call);
    expect(await keys.claim(request('settled'))).toEqual({ kind: 'answered', answer });
  });

  it('forgets a key after 24 hours, and deletes such keys in batches', async () => {
    for (const key of ['old-1', 'old-2', 'old-3', 'young']) await keys.complete(await claimed(key), answer);
    for (const key of ['old-1', 'old-2', 'old-3']) await makeOlder(key, 24 * 3_600 + 1);
    expect(callOf(await keys.claim(request('old-1', 'other'))).key).toBe('old-1');
    await makeOlder('old-1', 24 * 3_600 + 1);
    expect([await keys.prune(2), await keys.prune(2)]).toEqual([2, 1]);
    expect((await keys.claim(request('young'))).kind).toBe('answered');
  });
});

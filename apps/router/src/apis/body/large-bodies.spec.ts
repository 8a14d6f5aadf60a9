import { LargeBodies } from './large-bodies.js';

/** Stands for the thread's program, which runs only when it is built: refuses what it is told to, and ends with what it is told to. */
const PROGRAM = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ path, buffer }) => {
  const text = Buffer.from(buffer).toString();
  if (text === 'die') process.exit(1);
  if (text === 'throw') throw new Error('as it was told');
  if (text === 'refuse') return parentPort.postMessage({ kind: 'refusal', refusal: { code: 'invalid_request', message: path } });
  parentPort.postMessage({ kind: 'body', body: { model: text }, buffer }, [buffer]);
});`;

let bodies: LargeBodies;

beforeEach(() => (bodies = new LargeBodies(new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`))));
afterEach(() => bodies.close());

async function read(account: string, text: string): Promise<string> {
  const result = await bodies.read(account, '/v1/x', Buffer.from(text));
  return result.kind === 'refusal' ? result.refusal.code : `${result.body.model}=${result.body.bytes.toString()}`;
}

describe('LargeBodies', () => {
  it('gives back what was read with the very bytes, and refusals', async () => {
    expect(await Promise.all([read('a', 'one'), read('a', 'refuse'), read('b', 'two')])).toEqual([
      'one=one',
      'invalid_request',
      'two=two',
    ]);
  });

  it('ends only the call whose body ends the thread', async () => {
    const results = await Promise.all([read('a', 'die'), read('a', 'one'), read('b', 'throw'), read('b', 'two')]);
    expect(results).toEqual(['invalid_request', 'one=one', 'invalid_request', 'two=two']);
  });

  it('lets accounts take turns, and bounds what one of them has waiting', async () => {
    const order: string[] = [];
    const note = (account: string) => read(account, 'x').then((result) => order.push(`${account}:${result}`));
    const many = Array.from({ length: 40 }, () => note('many'));
    const one = note('one');
    await Promise.all([...many, one]);
    const served = order.filter((entry) => entry.endsWith('=x'));
    expect(served).toHaveLength(34);
    expect(order.filter((entry) => entry === 'many:rate_limit_exceeded')).toHaveLength(7);
    expect(served.indexOf('one:x=x')).toBeLessThanOrEqual(2);
  });

  it('takes nothing more once it is closed, and answers what waits', async () => {
    const waiting = [read('a', 'one'), read('a', 'two')];
    await bodies.close();
    expect((await Promise.all(waiting)).at(-1)).toBe('service_unavailable');
    expect(await read('a', 'three')).toBe('service_unavailable');
  });
});

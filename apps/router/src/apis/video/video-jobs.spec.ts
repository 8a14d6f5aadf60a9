import fc from 'fast-check';
import { JobIds } from './job-id.js';
import { JOBS_AT_ONCE_MAX, OpenJobs } from './open-jobs.js';
import { renameJob } from './rename-job.js';

const ids = new JobIds('a secret');
const job = fc.record({
  accountId: fc.string(),
  instanceId: fc.nat(),
  model: fc.string(),
  region: fc.string(),
  pod: fc.option(fc.string()),
  id: fc.string({ unit: 'binary' }),
  requestId: fc.stringMatching(/^req_[0-9a-f]{1,32}$/),
});
const ALONE = { set: () => undefined, others: () => 0n, live: () => 1 };

describe('JobIds', () => {
  it('give back what they name, in characters that a path may hold', () => {
    fc.assert(
      fc.property(job, (one) => {
        const text = ids.write(one);
        expect(text).toMatch(/^video_[A-Za-z0-9_.-]+$/);
        expect(ids.read(text)).toEqual(one);
      }),
    );
  });

  it('are none of ours with another secret, one character changed, or made up', () => {
    fc.assert(
      fc.property(job, fc.nat(), fc.string(), (one, place, other) => {
        const text = ids.write(one);
        const at = 'video_'.length + (place % (text.length - 'video_'.length));
        const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
        expect(new JobIds('another').read(text)).toBeUndefined();
        // The last character may hold bits that stand for nothing.
        if (at < text.length - 1) expect(ids.read(changed)).toBeUndefined();
        expect(ids.read(other)).toBeUndefined();
        expect(ids.read(`video_${other}`)).toBeUndefined();
      }),
    );
  });
});

describe('OpenJobs', () => {
  it('lets an account have five at once, and another its own five', () => {
    const open = new OpenJobs(ALONE);
    const entered = Array.from({ length: JOBS_AT_ONCE_MAX + 1 }, (_, index) => open.enter('acc_1', `call_${index}`));
    expect(entered).toEqual([true, true, true, true, true, false]);
    expect(open.enter('acc_2', 'call')).toBe(true);
  });

  it('has room again when one is over, or was never begun', () => {
    const open = new OpenJobs(ALONE);
    for (let index = 0; index < JOBS_AT_ONCE_MAX; index += 1) open.enter('acc_1', `call_${index}`);
    open.rename('acc_1', 'call_0', 'video_0');
    open.leave('acc_1', 'call_0');
    expect(open.enter('acc_1', 'more')).toBe(false);
    open.leave('acc_1', 'video_0');
    open.leave('acc_1', 'video_0');
    expect(open.enter('acc_1', 'more')).toBe(true);
    expect(open.enter('acc_1', 'too many')).toBe(false);
  });

  it('counts those of other routers', () => {
    const open = new OpenJobs({ set: () => undefined, others: () => 4n, live: () => 2 });
    expect([open.enter('acc_1', 'a'), open.enter('acc_1', 'b')]).toEqual([true, false]);
  });

  it('forgets jobs that were never asked for, after half an hour', () => {
    let now = 0;
    const open = new OpenJobs(ALONE, () => now);
    for (let index = 0; index < JOBS_AT_ONCE_MAX; index += 1) open.enter('acc_1', `call_${index}`);
    now = 30 * 60_000 + 1;
    expect(open.enter('acc_1', 'later')).toBe(true);
  });
});

describe('renameJob', () => {
  it('changes the id and nothing else', () => {
    expect(renameJob(Buffer.from('{ "id" : "a" , "x":{"id":"b"}, "n":1.0}'), 'video_1').toString()).toBe(
      '{ "id" : "video_1" , "x":{"id":"b"}, "n":1.0}',
    );
    expect(renameJob(Buffer.from('[]'), 'video_1').toString()).toBe('[]');
  });
});

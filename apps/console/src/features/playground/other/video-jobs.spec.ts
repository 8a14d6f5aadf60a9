import { isOver, jobStateOf } from './video-jobs.js';

describe('the state of a video job', () => {
  it('is read from what the model says', () => {
    expect(jobStateOf({ status: 'in_progress', progress: 40 })).toMatchObject({
      status: 'in_progress',
      progress: 40,
      base64: null,
      url: null,
    });
    expect(jobStateOf({ status: 'completed', data: [{ url: 'https://x.example/v.mp4' }] })).toMatchObject({
      url: 'https://x.example/v.mp4',
    });
    expect(jobStateOf({ status: 'failed', error: { message: 'too long' } })).toMatchObject({
      status: 'failed',
      error: 'too long',
    });
  });

  it('is queued where nothing sensible is said, and no address but https is kept', () => {
    for (const answer of [null, 3, [], {}, { status: 7 }]) expect(jobStateOf(answer).status).toBe('queued');
    expect(jobStateOf({ url: 'javascript:alert(1)' }).url).toBeNull();
    expect(jobStateOf({ progress: 900 }).progress).toBe(100);
  });

  it('is over when it has succeeded or failed', () => {
    expect(['completed', 'failed', 'queued', 'in_progress'].map((status) => isOver({ status }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

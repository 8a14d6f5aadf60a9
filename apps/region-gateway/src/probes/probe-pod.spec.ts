import { probePod } from './probe-pod.js';
import type { ProbeAnswer } from './send-probe.js';

const OPENAI = { healthPath: null, openaiCompatible: true };

/** A pod that answers each path with a status; what it was asked is kept. */
function pod(statuses: Record<string, number>) {
  const asked: string[] = [];
  const send = (path: string): Promise<ProbeAnswer> => {
    asked.push(path);
    return Promise.resolve({ kind: 'status', status: statuses[path] ?? 404 });
  };
  return { asked, send };
}

describe('probePod', () => {
  it('lists models only where there is no health path', async () => {
    const one = pod({ '/health': 200 });
    expect(await probePod(OPENAI, one.send, () => false)).toEqual({ kind: 'ok', status: 200 });
    expect(one.asked).toEqual(['/health']);
    const other = pod({ '/v1/models': 200 });
    expect(await probePod(OPENAI, other.send, () => false)).toEqual({ kind: 'ok', status: 200 });
    expect(other.asked).toEqual(['/health', '/v1/models']);
  });

  it('never lists models while a call is in flight: some servers end a running generation for it', async () => {
    const busy = pod({});
    expect((await probePod(OPENAI, busy.send, () => true)).kind).toBe('ok');
    expect(busy.asked).toEqual(['/health']);
  });

  it('shows a refused key as what it is', async () => {
    const locked = pod({ '/v1/models': 401 });
    expect(await probePod(OPENAI, locked.send, () => false)).toMatchObject({
      kind: 'unhealthy',
      reason: expect.stringContaining('refuses its key'),
    });
  });

  it('takes any answer that is no server error from a server that is not OpenAI-compatible', async () => {
    const custom = { healthPath: null, openaiCompatible: false };
    expect((await probePod(custom, pod({ '/': 404 }).send, () => false)).kind).toBe('ok');
    expect((await probePod(custom, pod({ '/': 503 }).send, () => false)).kind).toBe('unhealthy');
  });
});

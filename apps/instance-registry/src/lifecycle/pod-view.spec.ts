import { isPresent, podViews } from './pod-view.js';
import { addReadySeconds } from './ready-seconds.js';

const SINCE = '2026-11-23T00:00:00.000Z';
const LATER = '2026-11-23T00:00:05.000Z';
const ready = { pod_id: 'pod_1', state: 'ready' as const, healthy: true, reason: null, since: SINCE };
const down = { pod_id: 'pod_1', region: 'mv', healthy: false, reason: 'the gateway does not answer', since: LATER };

describe('podViews', () => {
  it('shows external pods that nobody has reported yet, as pending and not there', () => {
    const [view] = podViews(['pod_1'], [], []);
    expect(view).toEqual({ id: 'pod_1', state: 'pending', healthy: false, since: null, reason: null });
    expect(view !== undefined && isPresent(view)).toBe(false);
  });

  it('believes the health checker that a pod is gone when its gateway can no longer say so', () => {
    expect(podViews(['pod_1'], [ready], [down])).toEqual([
      { id: 'pod_1', state: 'ready', healthy: false, since: LATER, reason: down.reason },
    ]);
  });

  it('does not make a pod healthy that its gateway finds unhealthy', () => {
    const observed = { ...ready, healthy: false, reason: 'refused' };
    expect(podViews([], [observed], [{ ...down, healthy: true, reason: null }])[0]).toMatchObject({
      healthy: false,
      reason: 'refused',
    });
  });
});

describe('addReadySeconds', () => {
  it('never falls, and counts on when a gateway restarts at 0', () => {
    const first = addReadySeconds(undefined, 10);
    const second = addReadySeconds(first, 25);
    const restarted = addReadySeconds(second, 3);
    expect([first.total, second.total, restarted.total]).toEqual([10, 25, 28]);
    expect(addReadySeconds(restarted, 3).total).toBe(28);
  });
});

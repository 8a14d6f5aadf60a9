import { INSTANCE_STATES } from '@ecolink/contracts';
import fc from 'fast-check';
import { type Lifecycle, type PodSummary, settle, STARTING_USUAL_MS, STOPPING_MAX_MS } from './state-machine.js';

function lifecycle(overrides: Partial<Lifecycle> = {}): Lifecycle {
  return { state: 'running', desiredState: 'running', degraded: false, statusReason: null, actionReason: null, ...overrides };
}

function pods(overrides: Partial<PodSummary> = {}): PodSummary {
  return { desired: 2, healthy: 2, present: 2, failed: 0, reported: true, reason: null, ...overrides };
}

function statesOf(current: Partial<Lifecycle>, seen: Partial<PodSummary>, waitedMs = 0): string[] {
  const { steps, lifecycle: end } = settle(lifecycle(current), pods(seen), waitedMs);
  return [...steps.map((step) => step.from), end.state];
}

describe('settle', () => {
  it('waits for a gateway before it says starting', () => {
    expect(statesOf({ state: 'pending' }, { reported: false, healthy: 0, present: 0 })).toEqual(['pending']);
    expect(statesOf({ state: 'pending' }, { healthy: 0, present: 0 })).toEqual(['pending', 'starting']);
  });

  it('runs as soon as one pod is healthy, passing through starting, and is degraded until all are', () => {
    expect(statesOf({ state: 'pending' }, { healthy: 1 })).toEqual(['pending', 'starting', 'running']);
    expect(
      settle(lifecycle({ state: 'starting' }), pods({ healthy: 1, reason: 'connection refused' }), 0).lifecycle,
    ).toMatchObject({
      state: 'running',
      degraded: true,
      statusReason: '1 of 2 pods are healthy: connection refused',
    });
    expect(settle(lifecycle({ state: 'starting' }), pods(), 0).lifecycle).toMatchObject({ degraded: false, statusReason: null });
  });

  it('stays running, degraded, when all pods are lost', () => {
    expect(settle(lifecycle(), pods({ healthy: 0, present: 0, failed: 2 }), 0).lifecycle).toMatchObject({
      state: 'running',
      degraded: true,
    });
  });

  it('fails only when every pod failed, and recovers when one is healthy after all', () => {
    expect(statesOf({ state: 'starting' }, { healthy: 0, present: 1, failed: 1 })).toEqual(['starting']);
    expect(statesOf({ state: 'starting' }, { healthy: 0, present: 0, failed: 2 })).toEqual(['starting', 'failed']);
    expect(statesOf({ state: 'failed' }, { healthy: 1, present: 1, failed: 1 })).toEqual(['failed', 'running']);
  });

  it('stops only when no pod is left', () => {
    expect(statesOf({ desiredState: 'stopped' }, { present: 1 })).toEqual(['running', 'stopping']);
    expect(statesOf({ state: 'stopping', desiredState: 'stopped' }, { present: 0, healthy: 0 })).toEqual(['stopping', 'stopped']);
    expect(statesOf({ state: 'stopping', desiredState: 'terminated' }, { present: 0, healthy: 0 })).toEqual([
      'stopping',
      'terminated',
    ]);
  });

  it('does not wait for ever for a gateway that does not answer', () => {
    expect(statesOf({ state: 'stopping', desiredState: 'terminated' }, {}, STOPPING_MAX_MS + 1)).toEqual([
      'stopping',
      'terminated',
    ]);
    expect(statesOf({ state: 'running', desiredState: 'terminated' }, {}, STOPPING_MAX_MS + 1)).toEqual(['running', 'stopping']);
  });

  it('terminates a stopped instance at once and starts it again through pending', () => {
    expect(statesOf({ state: 'stopped', desiredState: 'terminated' }, { present: 0 })).toEqual(['stopped', 'terminated']);
    expect(statesOf({ state: 'stopped' }, { present: 0, healthy: 0, reported: false })).toEqual(['stopped', 'pending']);
  });

  it('says why starting takes long', () => {
    const seen = pods({ healthy: 0, reason: '401: the key is refused' });
    expect(settle(lifecycle({ state: 'starting' }), seen, 0).lifecycle.statusReason).toBe(
      'Waiting for the first healthy pod: 401: the key is refused',
    );
    expect(settle(lifecycle({ state: 'starting' }), seen, STARTING_USUAL_MS + 1).lifecycle.statusReason).toContain(
      'within 10 minutes',
    );
  });

  it("keeps an operator's words through to the end", () => {
    const end = settle(lifecycle({ desiredState: 'terminated', actionReason: 'abuse' }), pods({ present: 0, healthy: 0 }), 0);
    expect(end.lifecycle).toMatchObject({ state: 'terminated', statusReason: 'abuse' });
  });

  it('settles: the same observation a second time changes nothing, and terminated is final', () => {
    const anyLifecycle = fc.record({
      state: fc.constantFrom(...INSTANCE_STATES),
      desiredState: fc.constantFrom('running', 'stopped', 'terminated'),
      degraded: fc.boolean(),
      statusReason: fc.constant(null),
      actionReason: fc.constantFrom(null, 'words'),
    });
    const anyPods = fc.record({
      desired: fc.nat(3),
      healthy: fc.nat(3),
      present: fc.nat(3),
      failed: fc.nat(3),
      reported: fc.boolean(),
      reason: fc.constantFrom(null, 'reason'),
    });
    fc.assert(
      fc.property(anyLifecycle, anyPods, (current, seen) => {
        const once = settle(current, seen, 0);
        const twice = settle(once.lifecycle, seen, 0);
        expect(twice).toEqual({ lifecycle: once.lifecycle, steps: [] });
        if (current.state === 'terminated') expect(once.steps).toEqual([]);
      }),
    );
  });
});

import type { RegionVerdict } from '../regions/region-view.js';
import { decideHealth } from './decide-health.js';
import type { HealthPod } from './health-pods.js';

const since = '2026-11-23T00:00:00.000Z';

function pod(overrides: Partial<HealthPod> = {}): HealthPod {
  return { pod_id: 'pod_1', region: 'mv', healthy: true, reason: null, since, ...overrides };
}

function reported(...pods: { instance_id: number; pod_id: string; healthy?: boolean; reason?: string }[]): RegionVerdict {
  const probe = { state: 'ready' as const, in_flight: 0, since, last_probe_at: since, last_probe_status: 200 };
  return { kind: 'pods', pods: pods.map((given) => ({ healthy: true, reason: null, ...probe, ...given })) };
}

const verdicts = (...entries: [string, RegionVerdict][]) => new Map(entries);

describe('decideHealth', () => {
  it('publishes new instances with the pods of all regions, sorted', () => {
    const changes = decideHealth(
      new Map(),
      verdicts(
        ['mv', reported({ instance_id: 5, pod_id: 'b' }, { instance_id: 5, pod_id: 'a' })],
        ['ga', reported({ instance_id: 5, pod_id: 'c' })],
      ),
    );
    expect(changes.get(5)).toEqual([pod({ region: 'ga', pod_id: 'c' }), pod({ pod_id: 'a' }), pod({ pod_id: 'b' })]);
  });

  it('publishes nothing that is published already', () => {
    const published = new Map([[5, [pod()]]]);
    expect(decideHealth(published, verdicts(['mv', reported({ instance_id: 5, pod_id: 'pod_1' })])).size).toBe(0);
  });

  it('removes pods that their gateway does not list any more', () => {
    const published = new Map([
      [5, [pod(), pod({ pod_id: 'gone' })]],
      [6, [pod()]],
    ]);
    const changes = decideHealth(published, verdicts(['mv', reported({ instance_id: 5, pod_id: 'pod_1' })]));
    expect([...changes]).toEqual([
      [5, [pod()]],
      [6, []],
    ]);
  });

  it('takes all pods behind an unreachable gateway for unhealthy, once', () => {
    const published = new Map([[5, [pod(), pod({ region: 'ga' })]]]);
    const lost: RegionVerdict = { kind: 'unreachable', sinceMs: Date.parse(since) + 3_000, reason: 'no answer' };
    const changes = decideHealth(published, verdicts(['mv', lost], ['ga', { kind: 'keep' }]));
    const expected = [pod({ region: 'ga' }), pod({ healthy: false, reason: 'no answer', since: '2026-11-23T00:00:03.000Z' })];
    expect(changes.get(5)).toEqual(expected);
    expect(decideHealth(new Map([[5, expected]]), verdicts(['mv', lost], ['ga', { kind: 'keep' }])).size).toBe(0);
  });

  it('leaves regions alone that it knows nothing new about', () => {
    expect(decideHealth(new Map([[5, [pod()]]]), verdicts(['mv', { kind: 'keep' }])).size).toBe(0);
  });

  it('drops pods of regions that are not active any more', () => {
    expect(decideHealth(new Map([[5, [pod()]]]), verdicts()).get(5)).toEqual([]);
  });
});

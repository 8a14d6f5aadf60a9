import type { GatewayPods } from '@ecolink/contracts';
import { afterReading, type GatewayReading, type RegionView, UNREAD, verdictOf } from './region-view.js';

const since = '2026-11-23T00:00:00.000Z';
const pod: GatewayPods['pods'][number] = {
  instance_id: 5,
  pod_id: 'pod_1',
  state: 'ready',
  healthy: true,
  in_flight: 0,
  reason: null,
  since,
  last_probe_at: since,
  last_probe_status: 200,
};

function read(synchronised: boolean, pods = [pod]): GatewayReading {
  return { kind: 'read', answer: { region: 'mv', boot_id: 'b', synchronised, pods } };
}
const failed: GatewayReading = { kind: 'failed', reason: 'ECONNREFUSED' };

/** One reading a second. */
function readings(start: RegionView, ...all: GatewayReading[]): RegionView {
  return all.reduce((view, reading, index) => afterReading(view, reading, (index + 1) * 1_000), start);
}

describe('a region’s verdict', () => {
  it('keeps what is published until the gateway was read', () => {
    expect(verdictOf(UNREAD)).toEqual({ kind: 'keep' });
    expect(verdictOf(readings(UNREAD, failed, failed))).toEqual({ kind: 'keep' });
  });

  it('is what a gateway says that knows its pods', () => {
    expect(verdictOf(readings(UNREAD, read(true)))).toEqual({ kind: 'pods', pods: [pod] });
  });

  it('takes three failures in a row for an unreachable gateway, not two', () => {
    const known = readings(UNREAD, read(true));
    expect(verdictOf(readings(known, failed, failed))).toEqual({ kind: 'pods', pods: [pod] });
    expect(verdictOf(readings(known, failed, failed, read(true), failed, failed))).toMatchObject({ kind: 'pods' });
    const lost = readings(known, failed, failed, failed, failed);
    expect(verdictOf(lost)).toEqual({
      kind: 'unreachable',
      sinceMs: 3_000,
      reason: 'the region gateway does not answer (ECONNREFUSED)',
    });
    expect(verdictOf(readings(lost, read(true)))).toMatchObject({ kind: 'pods' });
  });

  it('keeps what is known while a restarted gateway does not know its pods yet', () => {
    const known = readings(UNREAD, read(true));
    expect(verdictOf(readings(known, read(false, [])))).toEqual({ kind: 'keep' });
    expect(verdictOf(readings(known, read(false, []), read(true)))).toMatchObject({ kind: 'pods', pods: [pod] });
  });

  it('believes a gateway as it is after 15 s without its pods', () => {
    const waiting = Array.from({ length: 16 }, () => read(false, []));
    expect(verdictOf(readings(UNREAD, ...waiting))).toEqual({ kind: 'keep' });
    expect(verdictOf(readings(UNREAD, ...waiting, read(false, [])))).toEqual({ kind: 'pods', pods: [] });
  });
});

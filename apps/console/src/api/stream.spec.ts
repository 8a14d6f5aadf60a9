import { rootsOf } from './stream.js';

describe('an event of the live stream', () => {
  it('makes the queries of its noun stale', () => {
    expect(rootsOf('instance', '{}')).toContain('instances');
    expect(rootsOf('message', '{"type":"notification.created"}')).toEqual(['notifications']);
    expect(rootsOf('message', '{"type":"balance.changed"}')).toEqual(['billing']);
  });

  it('of a kind that is not known makes all of them stale', () => {
    expect(rootsOf('message', '{"type":"something.new"}')).toEqual(['*']);
    expect(rootsOf('message', 'no JSON')).toEqual(['*']);
  });
});

import { TOPIC, TOPICS } from '@ecolink/contracts';
import { topicsWithRetention } from './event-retention.js';

const DAY_MS = 86_400_000;

function retentionOf(environment: NodeJS.ProcessEnv, name: string): number | undefined {
  return topicsWithRetention(environment).find((topic) => topic.name === name)?.retentionMs;
}

describe('retention of billing events', () => {
  it('is as declared unless an operator says otherwise', () => {
    expect(topicsWithRetention({})).toEqual(TOPICS);
  });

  it('is what the operator says, for billing events alone', () => {
    const environment = { ECOLINK_EVENT_RETENTION_DAYS: '7' };
    expect(retentionOf(environment, TOPIC.usageRecorded)).toBe(7 * DAY_MS);
    expect(retentionOf(environment, TOPIC.ledgerPosted)).toBe(7 * DAY_MS);
    expect(retentionOf(environment, TOPIC.deploymentObserved)).toBe(DAY_MS);
    expect(retentionOf(environment, TOPIC.keyChanged)).toBe(retentionOf({}, TOPIC.keyChanged));
  });

  it.each(['0', '-1', '1.5', '1e3', ' 7', '3651', 'x'])('stops the start for %p', (text) => {
    expect(() => topicsWithRetention({ ECOLINK_EVENT_RETENTION_DAYS: text })).toThrow('ECOLINK_EVENT_RETENTION_DAYS');
  });
});

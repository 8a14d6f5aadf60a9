import { TOPICS, type TopicDeclaration } from '@ecolink/contracts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const DAYS_MAX = 3_650;

/**
 * The topics with the operator's retention of billing events: `ECOLINK_EVENT_RETENTION_DAYS`, 1 to 3650. Topics that are kept for a day or
 * less stay as declared. A value that is no such number stops the start.
 */
export function topicsWithRetention(environment: NodeJS.ProcessEnv): readonly TopicDeclaration[] {
  const text = environment['ECOLINK_EVENT_RETENTION_DAYS'];
  if (text === undefined || text === '') return TOPICS;
  const days = Number(text);
  if (!/^[0-9]+$/.test(text) || days < 1 || days > DAYS_MAX)
    throw new Error(`ECOLINK_EVENT_RETENTION_DAYS must be a whole number from 1 to ${DAYS_MAX}, not "${text}"`);
  return TOPICS.map((topic) =>
    topic.kind === 'event' && topic.retentionMs > DAY_MS ? { ...topic, retentionMs: days * DAY_MS } : topic,
  );
}

import { type BusEvent, nanoUsdToUsdLiteral } from '@ecolink/contracts';
import { notificationEvent } from '../../notification-event.js';
import type { Hold } from './hold.js';

/** What people hear of a step: a cycle that the balance covers in part, and the end for want of credit. */
export function holdNotices(before: Hold | undefined, after: Hold, now: Date): readonly BusEvent[] {
  const of = { account_id: after.accountId, instance_id: after.instanceId };
  const once = `${after.instanceId}/${after.run}/${after.cycle}`;
  if (after.status === 'depleted' && before?.status !== 'depleted')
    return [
      notificationEvent(
        {
          ...of,
          kind: 'instance_terminated',
          severity: 'critical',
          once_key: `depleted/${once}`,
          title: `Instance ${after.instanceId} ends: no credit left`,
          text: 'The balance does not cover another billing cycle, so the instance is terminated. A top-up does not bring it back.',
        },
        now,
      ),
    ];
  if (!after.partial || after.status !== 'held' || before?.cycle === after.cycle) return [];
  return [
    notificationEvent(
      {
        ...of,
        kind: 'partial_hold',
        severity: 'warning',
        once_key: `partial/${once}`,
        title: `Instance ${after.instanceId} runs on a partial hold`,
        text: `The balance covers $${nanoUsdToUsdLiteral(after.holdNanoUsd)} of the next cycle, which lasts until ${after.cycleEndsAt.toISOString()}.`,
      },
      now,
    ),
  ];
}

import { formatModelId, type InstanceRecord } from '@ecolink/contracts';
import type { NewNotification } from '../raise/notification.js';

/** What is told of an instance; undefined while it does what its account wants of it, and where the account ended it itself. */
export function endedNotice(record: InstanceRecord): NewNotification | undefined {
  if (record.account_id === null) return undefined;
  const model = formatModelId(record.model_name, record.instance_id);
  const about = {
    accountId: record.account_id,
    kind: 'instance_terminated',
    subject: { kind: 'instance', id: String(record.instance_id) },
  } as const;
  if (record.state === 'failed') {
    return {
      ...about,
      severity: 'critical',
      title: `${model} failed`,
      text: `The instance ${model} failed and serves no calls. Its events say why; start it again, or terminate it.`,
      onceKey: failedKey(record.instance_id),
    };
  }
  const reason = record.state === 'terminated' ? reasonText(record.termination_reason) : undefined;
  if (reason === undefined) return undefined;
  return {
    ...about,
    severity: 'warning',
    title: `${model} was terminated`,
    text: `The instance ${model} was terminated ${reason}. That is final: launch it again where it is still wanted.`,
    onceKey: `instance_terminated:${record.instance_id}`,
  };
}

/** A failure is told of again once the instance has run since. */
export function failedKey(instanceId: number): string {
  return `instance_failed:${instanceId}`;
}

function reasonText(reason: InstanceRecord['termination_reason']): string | undefined {
  switch (reason) {
    case 'failed':
      return 'because it had failed';
    case 'admin':
      return 'by an operator';
    // Told where the credit is found to be used up.
    case 'credit_depleted':
    case 'user_request':
    case null:
      return undefined;
    default:
      return `(${String(reason)})`;
  }
}

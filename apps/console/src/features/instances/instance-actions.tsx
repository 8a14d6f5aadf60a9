import { useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, take } from '../../api/client.js';
import { moneyText, nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { useHeldOf } from '../billing/summary.js';
import type { Instance } from './queries.js';
import { hourlyCostOf } from './states.js';

export type InstanceActionName = 'stop' | 'start' | 'terminate';

const HOLD_HOURS = 24n;

interface ActionDialogProps {
  readonly instance: Instance;
  readonly action: InstanceActionName;
  readonly onClose: () => void;
}

/** Stop, start or terminate, after saying what it costs or gives back. */
export function ActionDialog({ instance, action, onClose }: ActionDialogProps) {
  const queries = useQueryClient();
  const t = text.instance;
  const { left, whole } = useHeldOf(instance.id) ?? {
    left: nanoUsd(instance.hold_nano_usd),
    whole: nanoUsd(instance.hold_nano_usd),
  };
  const nextHold = hourlyCostOf(instance) * HOLD_HOURS;
  const bodies = {
    stop: whole > 0n ? t.stopBody(moneyText(left), moneyText(whole)) : t.stopBodyFree,
    start: nextHold > 0n ? t.startBody(moneyText(nextHold)) : t.startBodyFree,
    terminate: whole > 0n ? t.terminateBody(moneyText(left), moneyText(whole)) : t.terminateBodyFree,
  };
  const titles = { stop: t.stopTitle, start: t.startTitle, terminate: t.terminateTitle };
  return (
    <ConfirmDialog
      title={titles[action](instance.model)}
      body={bodies[action]}
      action={t[action]}
      danger={action === 'terminate'}
      {...(action === 'terminate' ? { typed: { value: instance.model, label: t.typeName(instance.model) } } : {})}
      onClose={onClose}
      onConfirm={async () => {
        const options = { params: { path: { id: String(instance.id) } }, headers: { 'idempotency-key': idempotencyKey() } };
        await take(api.POST(`/api/v1/instances/{id}/${action}`, options));
        await queries.invalidateQueries({ queryKey: ['instances'] });
        void queries.invalidateQueries({ queryKey: ['billing'] });
      }}
    />
  );
}
